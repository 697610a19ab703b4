// The `markdown` block: headings, lists, tables, code, quotes; built as nodes, line by line.

import { h, lines } from "./dom.js";
import { inline } from "./markdown_inline.js";
import { decoded } from "./tokens.js";

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}(?:>|&gt;) ?/;
const ITEM = /^(\s*)([-*+•]|\d{1,9}[.)])\s+(.*)$/;
const TASK = /^\[([ xX])\]\s+(.*)$/;
const DELIMITER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const DEEPEST_QUOTE = 6;

export function markdown(text, context, depth = 0) {
  const reader = { rows: text.replace(/\r\n?/g, "\n").split("\n"), at: 0, context, depth };
  const nodes = [];
  while (reader.at < reader.rows.length) {
    if (row(reader).trim()) nodes.push(next(reader));
    else reader.at += 1;
  }
  return nodes;
}

// Each either takes rows and returns their node, or leaves them and returns null.
const READERS = [fence, heading, rule, quote, table, list, paragraph];

function next(reader) {
  for (const read of READERS) {
    const node = read(reader);
    if (node) return node;
  }
  return null;
}

function row(reader, ahead = 0) {
  return reader.rows[reader.at + ahead];
}

function fence(reader) {
  const opening = FENCE.exec(row(reader));
  if (!opening) return null;
  const code = [];
  for (reader.at += 1; reader.at < reader.rows.length; reader.at += 1) {
    const closing = FENCE.exec(row(reader));
    if (closing && closing[1].startsWith(opening[1]) && !closing[2].trim()) break;
    code.push(row(reader));
  }
  reader.at += 1;
  const language = opening[2].trim().split(/\s/)[0];
  const label = language ? { "data-language": language } : {};
  return h("pre", { tabindex: "0", ...label }, h("code", {}, decoded(code.join("\n"))));
}

// Slack shows every level in one size.
function heading(reader) {
  const found = HEADING.exec(row(reader));
  if (!found) return null;
  reader.at += 1;
  return h("h3", {}, inline(found[2], reader.context));
}

function rule(reader) {
  if (!RULE.test(row(reader))) return null;
  reader.at += 1;
  return h("hr");
}

function quote(reader) {
  if (!QUOTE.test(row(reader)) || reader.depth >= DEEPEST_QUOTE) return null;
  const inside = [];
  while (reader.at < reader.rows.length && QUOTE.test(row(reader))) {
    inside.push(row(reader).replace(QUOTE, ""));
    reader.at += 1;
  }
  return h("blockquote", {}, markdown(inside.join("\n"), reader.context, reader.depth + 1));
}

function table(reader) {
  const next = row(reader, 1);
  if (!row(reader).includes("|") || next === undefined || !next.includes("-") || !DELIMITER.test(next)) return null;
  const head = cells(row(reader));
  const sides = cells(next).map((cell) => (cell.endsWith(":") ? (cell.startsWith(":") ? "center" : "right") : null));
  if (sides.length !== head.length) return null;
  const body = [];
  for (reader.at += 2; reader.at < reader.rows.length && row(reader).includes("|"); reader.at += 1) body.push(cells(row(reader)));
  const line = (tag, values) => h("tr", {}, head.map((_, place) => cell(tag, values[place] ?? "", sides[place], reader.context)));
  return h("div", { class: "table", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, line("th", head)), h("tbody", {}, body.map((values) => line("td", values)))));
}

function cell(tag, text, side, context) {
  return h(tag, { "data-side": side, scope: tag === "th" ? "col" : null }, inline(text, context));
}

// A bar inside of code or behind a backslash does not part cells.
function cells(text) {
  const inside = text.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  const parts = [""];
  for (const [piece] of inside.matchAll(/\\.|`[^`]*`|\||[^\\`|]+|./g)) {
    if (piece === "|") parts.push("");
    else parts.push(parts.pop() + (piece === "\\|" ? "|" : piece));
  }
  return parts.map((part) => part.trim());
}

function list(reader) {
  const first = ITEM.exec(row(reader));
  if (!first) return null;
  const indent = width(first[1]);
  const ordered = /\d/.test(first[2]);
  const items = [];
  while (reader.at < reader.rows.length) {
    const found = ITEM.exec(row(reader));
    if (found && width(found[1]) >= indent + 2 && items.length) items.at(-1).append(list(reader));
    else if (found && width(found[1]) >= indent && /\d/.test(found[2]) === ordered) items.push(item(reader, found));
    else if (!continues(reader, items)) break;
  }
  const start = ordered ? parseInt(first[2], 10) : 1;
  return h(ordered ? "ol" : "ul", { start: start === 1 ? null : start }, items);
}

function item(reader, found) {
  reader.at += 1;
  const task = TASK.exec(found[3]);
  if (!task) return h("li", {}, inline(found[3], reader.context));
  const done = task[1] !== " ";
  const box = h("span", { class: "task", role: "img", "aria-label": done ? "done" : "to do" }, done ? "☑" : "☐");
  return h("li", { class: "task-item" }, box, inline(task[2], reader.context));
}

// An indented line belongs to the item above it.
function continues(reader, items) {
  if (!/^\s+\S/.test(row(reader)) || ITEM.test(row(reader))) return false;
  items.at(-1).append(h("br"), ...inline(row(reader).trim(), reader.context));
  reader.at += 1;
  return true;
}

function width(space) {
  return space.replaceAll("\t", "    ").length;
}

function paragraph(reader) {
  const rows = [row(reader)];
  for (reader.at += 1; reader.at < reader.rows.length && !begins(reader); reader.at += 1) rows.push(row(reader));
  return h("p", {}, lines(rows.join("\n"), (line) => inline(line.trim(), reader.context)));
}

function begins(reader) {
  const text = row(reader);
  return !text.trim() || [FENCE, HEADING, RULE, QUOTE, ITEM].some((start) => start.test(text));
}
