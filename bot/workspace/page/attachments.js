// What monitoring tools still send: secondary attachments with a coloured bar.

import { blocks } from "./blocks.js";
import { h, link } from "./dom.js";
import { mrkdwn } from "./mrkdwn.js";
import { clock, day, moment } from "./time.js";

const COLOURS = { good: "#2eb67d", warning: "#ecb22e", danger: "#e01e5a" };

export function attachment(part, context) {
  const node = h("div", { class: "attachment" }, part.blocks?.length ? blocks(part.blocks, context) : legacy(part, context));
  const colour = COLOURS[part.color] ?? (/^#?[0-9a-f]{6}$/i.test(part.color ?? "") ? `#${part.color.replace("#", "")}` : "");
  if (colour) node.style.borderColor = colour;
  return part.pretext ? [h("div", { class: "pretext" }, mrkdwn(part.pretext, context)), node] : node;
}

function legacy(part, context) {
  const empty = !part.title && !part.text && !(part.fields ?? []).length;
  return [
    part.author_name ? h("p", { class: "attachment-author" }, part.author_name) : null,
    part.title ? h("p", { class: "attachment-title" }, part.title_link ? link(part.title_link, part.title, context) : part.title) : null,
    part.text ? h("div", {}, mrkdwn(part.text, context)) : null,
    h("div", { class: "fields" }, (part.fields ?? []).map((field) => fieldOf(field, context))),
    empty && part.fallback ? h("p", {}, part.fallback) : null,
    foot(part),
  ];
}

function fieldOf(field, context) {
  return h("div", { class: field.short ? "field" : "field field-wide" },
    h("p", {}, h("strong", {}, field.title ?? "")), mrkdwn(String(field.value ?? ""), context));
}

function foot(part) {
  const at = part.ts ? moment(part.ts) : null;
  const words = [part.footer, at && `${day(at)} ${clock(at)}`].filter(Boolean).join(" · ");
  return words ? h("p", { class: "attachment-foot" }, words) : null;
}
