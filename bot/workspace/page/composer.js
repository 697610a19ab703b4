// The box that people write in: Enter sends, a slash runs a command, an at sign finds people.

import { act } from "./api.js";
import { Completion } from "./completion.js";
import { h } from "./dom.js";
import { announce } from "./announce.js";

const COMMAND = /^\/([\w-]+)\s*([\s\S]*)$/;
const WRITTEN = /https?:\/\/[^\s<>|]+|@([\w.-]*\w)|#([\w-]+)/g;
const TALLEST_PIXELS = 220;
const TRAILING = /[.,;:!?'")\]]+$/;

export class Composer {
  #store;
  #target;
  #text;
  #hint;
  #send;
  #drafts = new Map();
  #key = "";
  #help = "";
  #completion;

  // `target` returns {channel, thread, name}: where the text goes.
  constructor(form, { store, target, label, sent }) {
    this.#store = store;
    this.#target = target;
    const id = `${form.id}-text`;
    this.#text = h("textarea", { id, rows: "1", "aria-describedby": `${id}-hint`, "aria-autocomplete": "list" });
    this.#hint = h("p", { class: "composer-hint", id: `${id}-hint`, role: "status" });
    this.#send = h("button", { type: "submit", class: "send", "aria-label": "Send" }, "➤");
    const options = h("ul", { class: "completion", id: `${id}-options`, role: "listbox", "aria-label": "Suggestions", hidden: true });
    form.append(options, h("label", { class: "unseen", for: id }, label), h("div", { class: "composer-box" }, this.#text, this.#send), this.#hint);
    this.#completion = new Completion(this.#text, options, (word) => this.#suggestions(word));
    this.#listen(form, sent);
  }

  render() {
    const { channel, thread, name } = this.#target();
    const key = `${channel}:${thread}`;
    this.#text.placeholder = thread ? "Reply …" : `Message ${name}`;
    if (key === this.#key) return;
    this.#help = thread ? `@${this.#bot()} asks in this thread` : "/rca asks for an analysis · @ mentions";
    this.#drafts.set(this.#key, this.#text.value);
    this.#key = key;
    this.#text.value = this.#drafts.get(key) ?? "";
    this.#say("");
    this.#fit();
  }

  focus() {
    this.#text.focus();
  }

  #listen(form, sent) {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await this.#submit()) sent();
    });
    this.#text.addEventListener("input", () => {
      this.#say("");
      this.#fit();
    });
    this.#text.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }

  async #submit() {
    const text = this.#text.value.trim();
    if (!text) return false;
    const { channel, thread } = this.#target();
    const refusal = this.#refusal(text, thread);
    if (refusal) {
      this.#say(refusal, true);
      return false;
    }
    this.#clear();
    try {
      await this.#carry(text, channel, thread);
    } catch (error) {
      this.#text.value = text;
      this.#say(`Not sent: ${error.message}`, true);
      return false;
    }
    return true;
  }

  #carry(text, channel, thread) {
    const command = COMMAND.exec(text);
    const user = this.#store.me;
    if (!command) return act("say", { user, channel, text: this.#encoded(text), ...(thread ? { thread_ts: thread } : {}) });
    announce(`Running /${command[1]}`);
    return act("command", { user, channel, command: `/${command[1]}`, text: this.#encoded(command[2].trim(), true) });
  }

  // Slack's own answers: its client, not the app, refuses these.
  #refusal(text, thread) {
    const command = COMMAND.exec(text);
    if (!command) return "";
    const known = this.#store.app.commands.some((one) => one.command === `/${command[1]}`);
    if (!known) return `/${command[1]} is not a valid command.`;
    if (!thread) return "";
    return `/${command[1]} is not supported in threads. Sorry! Mention @${this.#bot()} with your question instead.`;
  }

  #bot() {
    return this.#store.users.get(this.#store.botUser)?.name ?? "";
  }

  // Slack's stored form: three entities, addresses and mentions in angle brackets.
  #encoded(text, named = false) {
    let out = "";
    let end = 0;
    for (const found of text.matchAll(WRITTEN)) {
      out += escaped(text.slice(end, found.index)) + this.#written(found, named);
      end = found.index + found[0].length;
    }
    return out + escaped(text.slice(end));
  }

  #written([whole, person, channel], named) {
    const label = named ? `|${person ?? channel}` : "";
    if (person) {
      const user = [...this.#store.users.values()].find((one) => one.name === person);
      return user ? `<@${user.id}${label}>` : escaped(whole);
    }
    if (channel) {
      const found = [...this.#store.channels.values()].find((one) => one.name === channel);
      return found ? `<#${found.id}${label}>` : escaped(whole);
    }
    const trailing = TRAILING.exec(whole)?.[0] ?? "";
    return `<${escaped(whole.slice(0, whole.length - trailing.length))}>${escaped(trailing)}`;
  }

  #suggestions({ sign, start, atStart }) {
    if (sign === "/" && atStart && !this.#target().thread) {
      return this.#store.app.commands
        .filter((one) => one.command.startsWith(`/${start}`))
        .map((one) => ({ insert: `${one.command} `, name: one.command, about: one.usage_hint, more: one.description }));
    }
    if (sign === "@") {
      return [...this.#store.users.values()]
        .filter((user) => user.id !== this.#store.me && user.id !== "USLACKBOT" && user.name.toLowerCase().startsWith(start.toLowerCase()))
        .sort((one, other) => Number(other.is_bot) - Number(one.is_bot) || one.name.localeCompare(other.name))
        .slice(0, 8)
        .map((user) => ({ insert: `@${user.name} `, name: `@${user.name}`, about: user.is_bot ? "app" : "" }));
    }
    return [];
  }

  #clear() {
    this.#text.value = "";
    this.#completion.close();
    this.#say("");
    this.#fit();
  }

  #say(words, isFault = false) {
    const keys = words ? "" : h("span", { class: "keys" }, " · Shift+Enter: new line");
    this.#hint.replaceChildren(words || this.#help, keys);
    this.#hint.classList.toggle("fault", isFault);
  }

  #fit() {
    this.#text.style.height = "auto";
    // Nothing has a height in a pane that is not shown.
    if (this.#text.scrollHeight) this.#text.style.height = `${Math.min(this.#text.scrollHeight, TALLEST_PIXELS)}px`;
  }
}

function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
