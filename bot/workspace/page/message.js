// One message: who, when, what, and what can be done with it.

import { attachment } from "./attachments.js";
import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";
import { ago, clock, moment, utc } from "./time.js";

const TONES = 8;

export function messageItem(message, options, context) {
  const author = context.author(message);
  const about = `${author.name}, ${clock(moment(message.ts))}`;
  const classes = ["message", options.compact && "compact", message.is_ephemeral && "ephemeral", options.highlighted && "highlighted"];
  return h("li", {
    class: classes.filter(Boolean).join(" "), tabindex: "-1", "data-ts": message.ts,
    "data-channel": options.channel, "aria-label": `Message by ${about}`,
  },
  options.compact ? gutterTime(message) : avatar(author),
  h("div", { class: "message-body" },
    options.compact ? null : head(message, author, options, context),
    message.is_ephemeral ? h("p", { class: "only-you" }, "Only visible to you") : null,
    content(message, context),
    options.pane === "channel" ? replies(message, context) : null),
  message.is_ephemeral ? dismissal() : tools(message, about, options));
}


function avatar(author) {
  return h("span", { class: `avatar tone-${tone(author.key)}`, "aria-hidden": "true" }, initials(author.name));
}

export function initials(name) {
  const words = name.split(/[\s._-]+/).filter(Boolean);
  return (words.length > 1 ? words[0][0] + words[1][0] : name.slice(0, 2)).toUpperCase();
}

function tone(key) {
  let sum = 0;
  for (const letter of key) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return sum % TONES;
}

function head(message, author, options, context) {
  return h("p", { class: "message-head" },
    h("strong", { class: "author" }, author.name),
    author.isApp ? h("span", { class: "badge" }, "APP") : null,
    message.is_ephemeral ? h("span", { class: "when" }, timeOf(message)) : h("a", { class: "when", href: context.permalinkOf(options.channel, message), "data-do": "permalink" }, timeOf(message)));
}

function gutterTime(message) {
  return h("span", { class: "gutter" }, timeOf(message));
}

function timeOf(message) {
  const at = moment(message.ts);
  return h("time", { datetime: at.toISOString(), title: utc(at) }, clock(at));
}

function content(message, context) {
  if (message.subtype === "tombstone") return h("p", { class: "tombstone" }, "This message was deleted.");
  const shown = message.blocks?.length
    ? blocks(message.blocks, { ...context, isPending: (action) => context.isPending(message, action) })
    : h("div", { class: "block block-text", "data-key": "text" }, mrkdwn(message.text ?? "", context));
  return [
    message.subtype === "thread_broadcast" ? h("p", { class: "hint" }, "replied to a thread") : null,
    shown,
    message.edited ? h("span", { class: "edited" }, "(edited)") : null,
    (message.attachments ?? []).map((part) => attachment(part, context)),
    files(message.files ?? []),
    reactions(message.reactions ?? []),
  ];
}

function files(list) {
  if (!list.length) return null;
  return h("ul", { class: "files" }, list.map((file) => h("li", {},
    h("button", { type: "button", class: "file-open", "data-do": "file", "data-file": file.id, "data-name": file.name ?? file.id },
      h("span", { class: "file-name" }, file.name ?? "A file shared from elsewhere"),
      h("span", { class: "file-size" }, file.size === undefined ? "not loaded" : `${sizeOf(file.size)} · open`)))));
}

export function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function reactions(list) {
  if (!list.length) return null;
  return h("p", { class: "reactions" }, list.map((reaction) =>
    h("span", { class: "reaction" }, emoji(reaction.name), ` ${reaction.count}`)));
}

function replies(message, context) {
  const count = message.reply_count ?? 0;
  if (!count) return null;
  const last = message.latest_reply ? `Last reply ${ago(moment(message.latest_reply))}` : "";
  const faces = (message.reply_users ?? []).filter(context.userName).slice(0, 3).map((id) => avatar(context.authorById(id)));
  return h("button", { type: "button", class: "replies", "data-do": "thread" },
    h("span", { class: "faces", "aria-hidden": "true" }, faces),
    h("strong", {}, counted(count)), " ",
    h("span", { class: "last-reply" }, last));
}

export function counted(count) {
  return `${count} ${count === 1 ? "reply" : "replies"}`;
}

function tools(message, about, options) {
  if (message.subtype === "tombstone") return null;
  const reply = options.pane === "channel"
    ? h("button", { type: "button", class: "tool-icon", "data-do": "thread", "aria-label": `Reply in thread to ${about}`, title: "Reply in thread" }, "💬")
    : null;
  return h("div", { class: "message-tools" }, reply,
    h("button", { type: "button", class: "tool-icon", "data-do": "menu", "aria-haspopup": "menu", "aria-label": `More actions for the message by ${about}`, title: "More actions" }, "⋮"));
}

function dismissal() {
  return h("div", { class: "message-tools message-tools-shown" },
    h("button", { type: "button", class: "link-button", "data-do": "dismiss" }, "Dismiss"));
}
