// The inside of a line of Markdown: emphasis, code, links, tokens, emoji.

import { h, link, webAddress } from "./dom.js";
import { emoji } from "./emoji.js";
import { TOKEN, decoded, token } from "./tokens.js";

const PIECE = new RegExp(
  [
    "\\\\(?<escaped>[!-/:-@[-`{-~])",
    "(?<ticks>`+)(?!`)(?<code>[^\\n]{1,4000}?)(?<!`)\\k<ticks>(?!`)",
    "!?\\[(?<label>[^\\[\\]\\n]{0,1000})\\]\\(\\s*<?(?<target>[^\\s()<>]*(?:\\([^\\s()<>]*\\)[^\\s()<>]*)*)>?(?:\\s+\"[^\"\\n]*\")?\\s*\\)",
    TOKEN.source.replace("(", "(?<token>"),
    "(?<url>https?://[^\\s<>|`\\\\]+)",
    "\\*\\*(?=\\S)(?<bold>[^\\n]{1,2000}?\\S|\\S)\\*\\*(?!\\*)",
    "(?<![\\p{L}\\p{N}_])__(?=\\S)(?<strong>[^\\n]{1,2000}?\\S|\\S)__(?![\\p{L}\\p{N}_])",
    "~~(?=\\S)(?<strike>[^\\n]{1,2000}?\\S|\\S)~~",
    "\\*(?=[^\\s*])(?<italic>[^\\n*]{0,2000}[^\\s*])\\*(?!\\*)",
    "(?<![\\p{L}\\p{N}_])_(?=[^\\s_])(?<emphasis>[^\\n_]{0,2000}[^\\s_])_(?![\\p{L}\\p{N}_])",
    ":(?<emoji>[a-z0-9_+'-]{1,60}):",
  ].join("|"),
  "giu",
);
const TRAILING = /[.,;:!?'"*_~)\]]+$/;

export function inline(text, context) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(PIECE)) {
    nodes.push(decoded(text.slice(end, found.index)), piece(found, context));
    end = found.index + found[0].length;
  }
  nodes.push(decoded(text.slice(end)));
  return nodes;
}

function piece(match, context) {
  const found = match.groups;
  if (found.escaped !== undefined) return found.escaped;
  if (found.code !== undefined) return h("code", {}, decoded(stripped(found.code)));
  if (found.label !== undefined) return labelled(found, match[0], context);
  if (found.token !== undefined) return token(found.token, context);
  if (found.url !== undefined) return bare(found.url, context);
  if (found.emoji !== undefined) return emoji(found.emoji);
  return emphasis(found, context);
}

function emphasis(found, context) {
  const strong = found.bold ?? found.strong;
  if (strong !== undefined) return h("strong", {}, inline(strong, context));
  if (found.strike !== undefined) return h("s", {}, inline(found.strike, context));
  return h("em", {}, inline(found.italic ?? found.emphasis, context));
}

// An address that may not be followed stays in sight, as it was written.
function labelled(found, whole, context) {
  if (!webAddress(found.target)) return decoded(whole);
  return link(found.target, found.label ? inline(found.label, context) : found.target, context);
}

function bare(url, context) {
  const trailing = TRAILING.exec(url)?.[0] ?? "";
  const address = url.slice(0, url.length - trailing.length);
  return webAddress(address) ? [link(address, address, context), trailing] : url;
}

// One space beside the ticks is there for code that itself begins or ends with a tick.
function stripped(code) {
  return /^ .*\S.* $/.test(code) ? code.slice(1, -1) : code;
}
