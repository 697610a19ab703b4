// A list of messages in its scrolling box: grouped, divided by days, patched where one changes.

import { h } from "./dom.js";
import { counted, messageItem } from "./message.js";
import { syncList } from "./morph.js";
import { day, dayKey, moment } from "./time.js";

const TOGETHER_SECONDS = 300;
const NEAR_PIXELS = 48;
const MARGIN_PIXELS = 8;

export class MessageList {
  #list;
  #scroll;
  #newer;
  #context;
  #pane;
  #shown = "";
  #last = "";
  #sticky = true;

  constructor({ list, scroll, newer, context, pane }) {
    this.#list = list;
    this.#scroll = scroll;
    this.#newer = newer;
    this.#context = context;
    this.#pane = pane;
    scroll.addEventListener("scroll", () => this.#scrolled());
    newer.addEventListener("click", () => this.toBottom());
    // The box may grow or shrink around the messages, or a message below the fold may grow.
    new ResizeObserver(() => this.#hold()).observe(scroll);
    new ResizeObserver(() => this.#hold()).observe(list);
  }

  // `about` names what is shown: another one begins at its end.
  render(about, channel, messages, { highlight, pending, empty }) {
    const fresh = about !== this.#shown;
    if (fresh) this.#start(about);
    syncList(this.#list, messages.length ? this.#items(channel, messages, highlight, pending) : [nothing(empty)]);
    const last = messages.at(-1)?.ts ?? "";
    if (last !== this.#last && !fresh && !this.#sticky) this.#newer.hidden = false;
    this.#last = last;
    this.#hold();
  }

  toBottom() {
    this.#sticky = true;
    this.#hold();
  }

  show(ts) {
    const node = this.#list.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
    if (!node) return false;
    this.#sticky = false;
    node.scrollIntoView({ block: "center" });
    node.focus({ preventScroll: true });
    return true;
  }

  #start(about) {
    this.#shown = about;
    this.#sticky = true;
    this.#newer.hidden = true;
    this.#list.replaceChildren();
  }

  #items(channel, messages, highlight, pending) {
    const items = [];
    let before = null;
    for (const message of messages) {
      const at = moment(message.ts);
      const newDay = !before || dayKey(moment(before.ts)) !== dayKey(at);
      const underRoot = this.#pane === "thread" && items.length && before === messages[0];
      if (underRoot) items.push(divider("replies", counted(messages.length - 1)));
      if (newDay) items.push(divider(`day-${dayKey(at)}`, day(at)));
      const options = {
        channel, pane: this.#pane, highlighted: message.ts === highlight,
        compact: !newDay && !underRoot && this.#together(before, message),
      };
      items.push(this.#item(message, options, pending));
      before = message;
    }
    return items;
  }

  #item(message, options, pending) {
    const busy = [...pending].filter((key) => key.startsWith(`${message.ts}:`)).join();
    return {
      key: message.ts,
      version: [message, options.compact, options.highlighted, busy],
      build: () => messageItem(message, options, this.#context),
    };
  }

  #together(before, message) {
    if (message.is_ephemeral || before.is_ephemeral || before.subtype === "tombstone" || message.subtype === "tombstone") return false;
    const near = Number(message.ts) - Number(before.ts) < TOGETHER_SECONDS;
    return near && this.#context.author(before).key === this.#context.author(message).key;
  }

  #scrolled() {
    this.#sticky = this.#scroll.scrollTop >= this.#end() - NEAR_PIXELS;
    if (this.#sticky) this.#newer.hidden = true;
  }

  // The bottom, or the beginning of a last message that is taller than the box: its first lines
  // say the most.
  #end() {
    const { scrollHeight, clientHeight } = this.#scroll;
    const last = this.#list.lastElementChild;
    const beginning = last ? this.#list.offsetTop + last.offsetTop - MARGIN_PIXELS : 0;
    return Math.min(scrollHeight - clientHeight, Math.max(0, beginning));
  }

  // Only ever down: whoever reads further below stays there.
  #hold() {
    const end = this.#end();
    if (this.#sticky && this.#scroll.scrollTop < end) this.#scroll.scrollTop = end;
  }
}

function divider(key, label) {
  return { key, version: [label], build: () => h("li", { class: "day" }, h("span", {}, label)) };
}

function nothing(words) {
  return { key: "nothing", version: [words], build: () => h("li", { class: "nothing" }, words) };
}
