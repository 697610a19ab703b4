// The list above a text box that offers what the word at the caret may become.

import { announce } from "./announce.js";
import { h } from "./dom.js";

const WORD = /(?:^|\s)([/@])([\w.-]*)$/;

export class Completion {
  #text;
  #list;
  #find;
  #options = [];
  #active = 0;

  // `find` gets {sign, start, atStart} and returns [{insert, name, about, more}].
  constructor(text, list, find) {
    this.#text = text;
    this.#list = list;
    this.#find = find;
    text.setAttribute("aria-controls", list.id);
    text.addEventListener("input", () => this.#update());
    text.addEventListener("keydown", (event) => this.#key(event));
    text.addEventListener("blur", () => this.close());
    list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const option = event.target.closest("[role=option]");
      if (option) this.#accept(Number(option.dataset.place));
    });
  }

  close() {
    this.#options = [];
    this.#list.hidden = true;
    this.#text.removeAttribute("aria-activedescendant");
  }

  #word() {
    const before = this.#text.value.slice(0, this.#text.selectionStart);
    const found = WORD.exec(before);
    return found && { sign: found[1], start: found[2], atStart: before.length === found[2].length + 1 };
  }

  #update() {
    const word = this.#word();
    const options = word ? this.#find(word) : [];
    if (!options.length) {
      this.close();
      return;
    }
    if (!this.#options.length) announce(`${options.length} suggestions, use the arrow keys`);
    this.#options = options;
    this.#activate(0);
  }

  #activate(place) {
    this.#active = (place + this.#options.length) % this.#options.length;
    this.#list.replaceChildren(...this.#options.map((option, number) => this.#row(option, number)));
    this.#list.hidden = false;
    this.#text.setAttribute("aria-activedescendant", this.#id(this.#active));
  }

  #id(place) {
    return `${this.#list.id}-${place}`;
  }

  #row(option, place) {
    return h("li", { id: this.#id(place), role: "option", "data-place": place, "aria-selected": String(place === this.#active) },
      h("strong", {}, option.name), option.about ? [" ", h("span", { class: "hint" }, option.about)] : null,
      option.more ? h("span", { class: "more" }, option.more) : null);
  }

  #key(event) {
    if (!this.#options.length || event.isComposing) return;
    const act = {
      ArrowDown: () => this.#activate(this.#active + 1),
      ArrowUp: () => this.#activate(this.#active - 1),
      Enter: () => this.#accept(this.#active),
      Tab: () => this.#accept(this.#active),
      Escape: () => this.close(),
    }[event.key];
    // What is written in full is not a choice any more: Enter sends it.
    if (!act || (event.key === "Enter" && this.#isWhole()) || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #isWhole() {
    const word = this.#word();
    return word && `${word.sign}${word.start}` === this.#options[this.#active].name;
  }

  #accept(place) {
    const { sign, start } = this.#word();
    const caret = this.#text.selectionStart;
    const from = caret - sign.length - start.length;
    this.#text.setRangeText(this.#options[place].insert, from, caret, "end");
    this.close();
    this.#text.dispatchEvent(new Event("input"));
  }
}
