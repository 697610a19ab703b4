// Says new messages to a screen reader, and an edited one once it has come to rest.

import { announce } from "./announce.js";

const REST_MILLISECONDS = 2500;
const LONGEST = 300;

export class Narrator {
  #store;
  #context;
  #timers = new Map();

  constructor(store, context) {
    this.#store = store;
    this.#context = context;
  }

  hear({ kind, channel, data }) {
    if (channel !== this.#store.current || data.user === this.#store.me) return;
    if (kind === "message" || (kind === "ephemeral" && data.to === this.#store.me)) this.#say(data);
    if (kind === "message_changed") this.#later(data);
  }

  // An answer that grows changes many times; only what it has become is told.
  #later(message) {
    clearTimeout(this.#timers.get(message.ts));
    this.#timers.set(message.ts, setTimeout(() => {
      this.#timers.delete(message.ts);
      this.#say(message);
    }, REST_MILLISECONDS));
  }

  #say(message) {
    const words = (message.text ?? "").replace(/<[^|>]*\|([^>]*)>/g, "$1").replace(/[<>*_`~]/g, "");
    announce(`${this.#context.author(message).name}: ${words.slice(0, LONGEST)}`);
  }
}
