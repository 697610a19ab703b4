// What a message's parts ask of the workspace: names, authors, addresses, what is under way.

import { webAddress } from "./dom.js";

export const PERMALINK = /^\/archives\/([CGD][A-Z0-9]+)(?:\/p(\d{11,}))?$/;

export function contextOf(store) {
  const userName = (id) => store.users.get(id)?.name ?? "";
  const own = (name) => ({ key: store.botUser, name, isApp: true });
  return {
    get me() {
      return store.me;
    },
    userName,
    channelName: (id) => store.channels.get(id)?.name ?? "",
    author(message) {
      if (message.bot_id === store.botId) return own(userName(store.botUser));
      if (message.username && !message.user) return { key: message.username, name: message.username, isApp: true };
      return this.authorById(message.user ?? message.bot_id ?? "", message.bot_id && !message.user);
    },
    authorById(id, isApp = false) {
      return { key: id, name: userName(id) || (isApp ? "app" : "someone"), isApp: isApp || store.users.get(id)?.is_bot };
    },
    isPermalink(url) {
      const homes = [location.origin, store.app.base_url];
      const target = webAddress(url);
      return Boolean(target) && homes.includes(target.origin) && PERMALINK.test(target.pathname);
    },
    permalinkOf(channel, message) {
      const path = `/archives/${channel}/p${message.ts.replace(".", "")}`;
      const root = message.thread_ts;
      return root && root !== message.ts ? `${path}?thread_ts=${root}&cid=${channel}` : path;
    },
    isPending: (message, action) => store.pending.has(`${message.ts}:${action}`),
  };
}
