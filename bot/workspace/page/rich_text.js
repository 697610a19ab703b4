// The rich_text block: what Slack's composer makes, and the safest carrier of log excerpts.

import { h, lines, link } from "./dom.js";
import { emojiOf } from "./emoji.js";
import { broadcast, channel, date, user } from "./tokens.js";

export function richText(block, context) {
  return (block.elements ?? []).map((element) => part(element, context));
}

function part(element, context) {
  const show = PARTS[element.type];
  return show ? show(element, context) : h("p", { class: "unshown" }, `This part is not shown here: ${element.type}`);
}

const PARTS = {
  rich_text_section: (element, context) => h("p", {}, pieces(element, context)),
  rich_text_quote: (element, context) => h("blockquote", {}, pieces(element, context)),
  rich_text_preformatted: (element, context) => h("pre", { tabindex: "0" }, h("code", {}, pieces(element, context, true))),
  rich_text_list: list,
};

function list(element, context) {
  const ordered = element.style === "ordered";
  const items = element.elements.map((item) => h("li", {}, pieces(item, context)));
  const start = ordered && element.offset ? element.offset + 1 : null;
  return h(ordered ? "ol" : "ul", { "data-indent": element.indent || null, start }, items);
}

function pieces(element, context, code = false) {
  return (element.elements ?? []).map((piece) => styled(shown(piece, context, code), piece.style));
}

function shown(piece, context, code) {
  if (piece.type === "text") return code ? piece.text : lines(piece.text);
  const show = PIECES[piece.type];
  return show ? show(piece, context) : (piece.text ?? "");
}

const PIECES = {
  link: (piece, context) => link(piece.url, piece.text || piece.url, context),
  user: (piece, context) => user(piece.user_id, context),
  channel: (piece, context) => channel(piece.channel_id, context),
  usergroup: () => h("span", { class: "mention" }, "@group"),
  broadcast: (piece) => broadcast(piece.range),
  emoji: (piece) => emojiOf(piece),
  color: (piece) => h("code", {}, piece.value),
  date: (piece, context) => date(piece.timestamp, piece.format, piece.fallback ?? "", piece.url, context),
};

function styled(content, style = {}) {
  return ["code", "strike", "italic", "bold"].reduce(
    (inside, name) => (style[name] ? h(TAGS[name], {}, inside) : inside),
    content,
  );
}

const TAGS = { code: "code", strike: "s", italic: "em", bold: "strong" };
