// All that the page knows of the workspace; whoever shows it hears of every change.

import { act, listen, read } from "./api.js";
import { Shelf } from "./shelf.js";

const RETRY_MILLISECONDS = 1000;

export class Store extends EventTarget {
  #waiting = null;

  constructor() {
    super();
    this.me = "";
    this.app = { commands: [], shortcuts: [], practice: false, base_url: location.origin };
    this.users = new Map();
    this.channels = new Map();
    this.shelves = new Map();
    this.unread = new Set();
    this.views = [];
    this.pending = new Set();
    this.connections = 0;
    this.current = "";
    this.thread = "";
    this.highlight = "";
    this.online = true;
  }

  // Resolves once there is a person to act as; the bot may still be starting.
  async start() {
    this.#connect();
    for (;;) {
      await this.refresh();
      if (this.me) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
    }
  }

  async refresh() {
    await this.#settled(async () => {
      const [state, app] = await Promise.all([read("/control/state"), read("/control/app")]);
      this.app = app;
      this.me = app.person;
      this.botUser = state.bot_user_id;
      this.botId = state.bot_id;
      this.connections = state.connections;
      this.users = new Map(state.users.map((user) => [user.id, user]));
      this.channels = new Map(state.channels.filter((one) => this.#isMine(one)).map((one) => [one.id, one]));
      // A workspace that was started anew knows nothing of the one that was shown.
      if (this.current && !this.channels.has(this.current)) location.assign("/");
      if (this.me) this.views = await act("views", { user: this.me });
      await Promise.all([...this.shelves.keys()].filter((id) => this.channels.has(id)).map((id) => this.#fill(id)));
    });
  }

  async open(channel) {
    this.current = channel;
    this.unread.delete(channel);
    if (!this.shelves.has(channel)) await this.#settled(() => this.#fill(channel));
    this.changed();
  }

  async openThread(root) {
    this.thread = root;
    if (root) await this.#settled(() => this.#fillThread(this.current, root));
    this.changed();
  }

  shelf(channel) {
    if (!this.shelves.has(channel)) this.shelves.set(channel, new Shelf());
    return this.shelves.get(channel);
  }

  message(channel, ts) {
    return this.shelves.get(channel)?.find(ts);
  }

  dismiss(channel, ts) {
    this.shelf(channel).drop(ts);
    this.changed();
  }

  setPending(key, pending) {
    if (pending) this.pending.add(key);
    else this.pending.delete(key);
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event("change"));
  }

  // While answers are on their way, what happens waits: an older answer must not undo it.
  async #settled(load) {
    const first = this.#waiting === null;
    this.#waiting ??= { happenings: [], loads: 0 };
    const waiting = this.#waiting;
    waiting.loads += 1;
    try {
      await load();
    } finally {
      waiting.loads -= 1;
      if (!waiting.loads) {
        this.#waiting = null;
        for (const happening of waiting.happenings) this.#take(happening);
      }
    }
    if (first) this.changed();
  }

  async #fill(channel) {
    const shelf = this.shelf(channel);
    const threads = [...shelf.threads];
    const [top, notes, ...replies] = await Promise.all([
      act("messages", { channel }),
      act("ephemerals", { user: this.me, channel }),
      ...threads.map((thread_ts) => act("messages", { channel, thread_ts })),
    ]);
    shelf.replace([...top, ...notes, ...replies.flat()]);
  }

  async #fillThread(channel, root) {
    const shelf = this.shelf(channel);
    if (shelf.threads.has(root)) return;
    shelf.threads.add(root);
    for (const message of await act("messages", { channel, thread_ts: root })) shelf.put(message);
  }

  #connect() {
    let opened = false;
    const stream = listen({
      heard: (happening) => (this.#waiting ? this.#waiting.happenings.push(happening) : this.#take(happening)),
      opened: () => {
        if (opened || !this.online) this.refresh().catch(() => {});
        opened = true;
        this.#setOnline(true);
      },
      lost: () => {
        this.#setOnline(false);
        if (stream.readyState !== EventSource.CLOSED) return;
        setTimeout(() => this.#connect(), RETRY_MILLISECONDS);
      },
    });
  }

  #setOnline(online) {
    if (this.online === online) return;
    this.online = online;
    this.changed();
  }

  #take({ kind, channel, data }) {
    this.dispatchEvent(new CustomEvent("happening", { detail: { kind, channel, data } }));
    if (kind === "call") return;
    if (kind === "view") this.views = data.user === this.me ? data.views : this.views;
    else if (kind === "ephemeral" && data.to !== this.me) return;
    else if (channel) this.#takeMessage(kind, channel, data);
    this.changed();
  }

  #takeMessage(kind, channel, data) {
    if (!this.channels.has(channel) || this.#isStranger(data)) this.refresh().catch(() => {});
    if (kind === "message" && channel !== this.current && data.user !== this.me) this.unread.add(channel);
    this.shelves.get(channel)?.take(kind, data);
  }

  #isStranger(data) {
    return data.user && !this.users.has(data.user);
  }

  #isMine(channel) {
    return channel.is_im ? channel.members.includes(this.me) : true;
  }
}
