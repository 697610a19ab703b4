// The list of channels: incidents first, then the others, then direct messages.

import { h } from "./dom.js";
import { morph } from "./morph.js";

export function renderChannels(nav, store, context) {
  const all = [...store.channels.values()];
  const incidents = sorted(all.filter((one) => isIncident(one)));
  const others = sorted(all.filter((one) => !one.is_im && !isIncident(one)));
  const direct = all.filter((one) => one.is_im);
  const fresh = h("nav", {},
    group("Incidents", incidents, store, (one) => one.name, "#"),
    group("Channels", others, store, (one) => one.name, "#"),
    group("Direct messages", direct, store, (one) => context.userName(one.members.find((id) => id !== store.me)), "@"),
    h("p", { class: "channels-you" }, `You are `, h("strong", {}, context.userName(store.me) || "…"), " here."));
  for (const { name, value } of nav.attributes) fresh.setAttribute(name, value);
  morph(nav, fresh);
}

export function firstChannel(store) {
  const all = [...store.channels.values()];
  return (sorted(all.filter(isIncident))[0] ?? sorted(all.filter((one) => !one.is_im))[0] ?? all[0])?.id ?? "";
}

function isIncident(channel) {
  return /^(inc|incident)-/.test(channel.name ?? "");
}

function sorted(channels) {
  return channels.sort((one, other) => one.name.localeCompare(other.name));
}

function group(title, channels, store, nameOf, sign) {
  if (!channels.length) return null;
  return h("section", { "data-key": title }, h("h2", {}, title),
    h("ul", {}, channels.map((channel) => entry(channel, store, nameOf(channel), sign))));
}

function entry(channel, store, name, sign) {
  const unread = store.unread.has(channel.id);
  const sort = channel.is_private ? "🔒" : sign;
  return h("li", { "data-key": channel.id }, h("a", {
    href: `/archives/${channel.id}`, "data-do": "channel", class: unread ? "unread" : null,
    "aria-current": channel.id === store.current ? "page" : null,
  }, h("span", { "aria-hidden": "true", class: "sign" }, sort), h("span", { class: "name", title: name }, name),
  unread ? h("span", { class: "dot" }, h("span", { class: "unseen" }, "unread")) : null));
}
