// Slack's own markup, of section, context and plain message text.

import { h, lines } from "./dom.js";
import { emoji } from "./emoji.js";
import { TOKEN, decoded, token } from "./tokens.js";

// Marks count only at the edges of words, as Slack has it; none spans a line.
const EDGE = "(?<![\\p{L}\\p{N}])";
const END = "(?![\\p{L}\\p{N}])";
const PIECE = new RegExp(
  [
    "`(?<code>[^`\\n]{1,3000})`",
    TOKEN.source.replace("(", "(?<token>"),
    `${EDGE}\\*(?<bold>[^*\\n]{1,3000})\\*${END}`,
    `${EDGE}_(?<italic>[^_\\n]{1,3000})_${END}`,
    `${EDGE}~(?<strike>[^~\\n]{1,3000})~${END}`,
    ":(?<emoji>[a-z0-9_+'-]{1,60}):",
  ].join("|"),
  "giu",
);

export function mrkdwn(text, context) {
  return text
    .split(/```([\s\S]*?)```/)
    .flatMap((part, place) => (place % 2 ? fence(part, context) : prose(part, context)));
}

// A plain_text object: emoji names and nothing else.
export function plain(object) {
  const parts = object.text.split(/:([a-z0-9_+'-]{1,60}):/i);
  if (object.emoji === false) return object.text;
  return parts.map((part, place) => (place % 2 ? emoji(part) : part));
}

export function inline(text, context) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(PIECE)) {
    nodes.push(decoded(text.slice(end, found.index)), piece(found.groups, context));
    end = found.index + found[0].length;
  }
  nodes.push(decoded(text.slice(end)));
  return nodes;
}

function piece(found, context) {
  if (found.code !== undefined) return h("code", {}, literal(found.code, context));
  if (found.token !== undefined) return token(found.token, context);
  if (found.emoji !== undefined) return emoji(found.emoji);
  if (found.bold !== undefined) return h("strong", {}, inline(found.bold, context));
  if (found.italic !== undefined) return h("em", {}, inline(found.italic, context));
  return h("s", {}, inline(found.strike, context));
}

function fence(code, context) {
  return h("pre", { tabindex: "0" }, h("code", {}, literal(code.replace(/^\n|\n$/g, ""), context)));
}

// In code nothing is marked up but the tokens, which stand for what was typed.
function literal(code, context) {
  return code.split(new RegExp(TOKEN.source, "i")).map((part, place) => (place % 2 ? token(part, context) : decoded(part)));
}

function prose(text, context) {
  const nodes = [];
  for (const { quoted, rows } of runs(text.replace(/^\n|\n$/g, "").split("\n"))) {
    const shown = lines(rows.join("\n"), (line) => inline(line, context));
    nodes.push(quoted ? h("blockquote", {}, shown) : h("p", {}, shown));
  }
  return nodes.filter((node) => node.textContent || node.children.length);
}

function runs(rows) {
  const found = [];
  for (const row of rows) {
    const mark = /^(?:&gt;|>) ?/.exec(row);
    const last = found.at(-1);
    const shown = mark ? row.slice(mark[0].length) : row;
    if (last && last.quoted === Boolean(mark)) last.rows.push(shown);
    else found.push({ quoted: Boolean(mark), rows: [shown] });
  }
  return found;
}
