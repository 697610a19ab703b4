// What Slack writes in angle brackets: mentions, channels, dates, links; and the three entities.

import { h, link, webAddress } from "./dom.js";
import { formatted, utc } from "./time.js";

export const TOKEN = /<([@#!][^<>\n]*|[a-z][a-z0-9+.-]*:[^<>\n]*)>/i;
const DATE = /^date\^(\d{1,11})\^([^^|]*)(?:\^([^|]*))?$/;

export function decoded(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

export function token(inside, context) {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : decoded(inside.slice(bar + 1));
  if (target.startsWith("@")) return user(target.slice(1), context, label);
  if (target.startsWith("#")) return channel(target.slice(1), context, label);
  if (target.startsWith("!")) return special(target.slice(1), label, context);
  return address(decoded(target), label, context);
}

export function user(id, context, label = "") {
  const name = context.userName(id) || label || id;
  return h("span", { class: id === context.me ? "mention mention-me" : "mention" }, `@${name}`);
}

export function channel(id, context, label = "") {
  const name = context.channelName(id);
  if (!name) return h("span", { class: "mention" }, `#${label || "unknown-channel"}`);
  return h("a", { class: "mention", href: `/archives/${id}`, "data-do": "permalink" }, `#${name}`);
}

export function broadcast(name) {
  return h("span", { class: "mention mention-me" }, `@${name}`);
}

export function date(seconds, format, fallback, url, context) {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return fallback;
  const shown = h("time", { datetime: at.toISOString(), title: utc(at) }, formatted(seconds, format));
  return url ? link(url, shown, context) : shown;
}

function special(command, label, context) {
  const found = DATE.exec(command);
  if (found) return date(Number(found[1]), found[2], label, found[3], context);
  const name = command.split("^")[0];
  if (["here", "channel", "everyone"].includes(name)) return broadcast(name);
  if (name === "subteam") return h("span", { class: "mention" }, label || "@group");
  return label || `<${command}>`;
}

function address(url, label, context) {
  if (webAddress(url)) return link(url, label || url, context);
  return label || url.replace(/^mailto:/, "");
}
