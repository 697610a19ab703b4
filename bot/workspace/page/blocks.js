// Block Kit as Slack shows it; what it does not know it names instead of guessing.

import { h } from "./dom.js";
import { input } from "./inputs.js";
import { markdown } from "./markdown.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { richText } from "./rich_text.js";

export function blocks(list, context) {
  return list.map((block, place) => {
    const show = SHOWN[block.type] ?? unknown;
    return h("div", { class: `block block-${block.type}`, "data-key": `${place}:${block.type}` }, show(block, context));
  });
}

export function text(object, context) {
  if (!object) return [];
  return object.type === "mrkdwn" ? mrkdwn(object.text, context) : plain(object);
}

function unknown(block) {
  return h("p", { class: "unshown" }, `This block is not shown here: ${block.type}`);
}

function section(block, context) {
  const fields = (block.fields ?? []).map((field) => h("div", { class: "field" }, text(field, context)));
  return [
    h("div", { class: "section-text" }, text(block.text, context), fields.length ? h("div", { class: "fields" }, fields) : null),
    block.accessory ? h("div", { class: "accessory" }, element(block.accessory, context)) : null,
  ];
}

function small(part, context) {
  if (part.type === "image") return h("span", { class: "unshown" }, part.alt_text ?? "image");
  return h("span", {}, text(part, context));
}

export function element(part, context) {
  if (part.type === "button") return button(part, context);
  return input(part, context) ?? h("span", { class: "unshown" }, `This element is not shown here: ${part.type}`);
}

function button(part, context) {
  const pending = context.isPending?.(part.action_id) ?? false;
  const style = ["primary", "danger"].includes(part.style) ? ` button-${part.style}` : "";
  return h("button", {
    type: "button", class: `button${style}`, "data-do": "click", "data-action": part.action_id,
    "data-url": part.url ?? null, "aria-label": part.accessibility_label ?? null,
    "aria-busy": pending ? "true" : null, "aria-disabled": pending ? "true" : null,
  }, plain(part.text));
}

function table(block, context) {
  const sides = (block.column_settings ?? []).map((column) => column?.align);
  const rows = block.rows.map((cells, place) =>
    h("tr", {}, cells.map((cell, column) => h(place ? "td" : "th", { "data-side": sides[column], scope: place ? null : "col" }, content(cell, context)))));
  return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, rows.slice(0, 1)), h("tbody", {}, rows.slice(1))));
}

function content(cell, context) {
  return cell.type === "rich_text" ? richText(cell, context) : String(cell.text ?? "");
}

function field(block, context) {
  const name = `field-${block.block_id}`;
  const fault = context.faultOf?.(block.block_id);
  return [
    h("label", { class: "input-label", for: name }, plain(block.label), block.optional ? h("span", { class: "hint" }, " (optional)") : null),
    element(block.element, { ...context, name, blockId: block.block_id, required: !block.optional }),
    block.hint ? h("p", { class: "hint" }, plain(block.hint)) : null,
    fault ? h("p", { class: "fault", role: "alert" }, fault) : null,
  ];
}

const SHOWN = {
  section,
  table,
  input: field,
  rich_text: richText,
  markdown: (block, context) => markdown(block.text, context),
  header: (block) => h("h3", { class: "header" }, plain(block.text)),
  divider: () => h("hr"),
  context: (block, context) => block.elements.map((part) => small(part, context)),
  actions: (block, context) => block.elements.map((part) => element(part, context)),
  // Whoever follows a picture's address tells its server that the message was read.
  image: (block) => h("p", { class: "unshown" }, `A picture is not loaded here: ${block.alt_text}`),
};
