// The inputs of modals, as the browser's own controls, and what Slack reports of them.

import { h } from "./dom.js";
import { plain } from "./mrkdwn.js";

export function input(part, context) {
  const make = MAKERS[part.type];
  return make ? make(part, { ...context, name: context.name ?? part.action_id }) : null;
}

// The values as Slack's view_submission carries them: {block_id: {action_id: {…}}}.
export function valuesOf(form) {
  const values = {};
  for (const control of form.querySelectorAll("[data-input]")) {
    const value = READERS[control.dataset.input](control);
    (values[control.dataset.block] ??= {})[control.dataset.action] = { type: control.dataset.input, ...value };
  }
  return values;
}

function marks(part, context) {
  return {
    id: context.name, "data-keep": true, "data-input": part.type, "data-block": context.blockId ?? "",
    "data-action": part.action_id, required: context.required ?? false,
  };
}

function typed(type) {
  return (part, context) => {
    const value = part.initial_value ?? part.initial_date ?? part.initial_time ?? null;
    const shared = { ...marks(part, context), placeholder: part.placeholder?.text };
    const limits = { maxlength: part.max_length, minlength: part.min_length };
    if (part.multiline) return h("textarea", { ...shared, ...limits, rows: "4" }, value ?? "");
    return h("input", { ...shared, ...limits, type, value });
  };
}

function select(part, context) {
  const chosen = part.initial_option?.value;
  const options = choices(part).map((option) =>
    h("option", { value: option.value, selected: option.value === chosen }, option.text.text));
  return h("select", marks(part, context), h("option", { value: "" }, part.placeholder?.text ?? "Choose one"), options);
}

function group(type) {
  return (part, context) => {
    const chosen = [part.initial_option, ...(part.initial_options ?? [])].map((option) => option?.value);
    const options = part.options.map((option) => h("label", { class: "choice" },
      h("input", { type, name: context.name, value: option.value, checked: chosen.includes(option.value) }), plain(option.text)));
    return h("fieldset", { ...marks(part, context), required: null, class: "choices" }, options);
  };
}

function choices(part) {
  return part.options ?? (part.option_groups ?? []).flatMap((among) => among.options);
}

function option(value, label) {
  return value ? { value, text: { type: "plain_text", text: label } } : null;
}

function ticked(control) {
  return [...control.querySelectorAll("input:checked")].map((box) => option(box.value, box.parentNode.textContent));
}

const MAKERS = {
  plain_text_input: typed("text"),
  email_text_input: typed("email"),
  url_text_input: typed("url"),
  number_input: typed("number"),
  datepicker: typed("date"),
  timepicker: typed("time"),
  static_select: select,
  checkboxes: group("checkbox"),
  radio_buttons: group("radio"),
};

const text = (control) => ({ value: control.value || null });
const READERS = {
  plain_text_input: text,
  email_text_input: text,
  url_text_input: text,
  number_input: text,
  datepicker: (control) => ({ selected_date: control.value || null }),
  timepicker: (control) => ({ selected_time: control.value || null }),
  static_select: (control) => ({ selected_option: option(control.value, control.selectedOptions[0]?.textContent ?? "") }),
  checkboxes: (control) => ({ selected_options: ticked(control) }),
  radio_buttons: (control) => ({ selected_option: ticked(control)[0] ?? null }),
};
