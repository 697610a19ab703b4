// The menu of a message: the app's shortcuts, reply in thread, copy the link.

import { h } from "./dom.js";

const MARGIN = 8;

export class Menu {
  #node;
  #opener = null;
  #items = [];

  constructor(node) {
    this.#node = node;
    node.addEventListener("keydown", (event) => this.#key(event));
    node.addEventListener("click", (event) => this.#picked(event));
    document.addEventListener("pointerdown", (event) => {
      if (!node.contains(event.target) && !this.#opener?.contains(event.target)) this.close(false);
    });
    document.addEventListener("scroll", () => this.close(false), true);
  }

  // `items` are {label, about, run}.
  open(opener, items) {
    const again = this.#opener === opener;
    this.close();
    if (again) return;
    this.#opener = opener;
    this.#items = items;
    this.#node.replaceChildren(...items.map((item, place) =>
      h("button", { type: "button", role: "menuitem", tabindex: "-1", "data-place": place }, item.label)));
    this.#node.hidden = false;
    this.#place(opener.getBoundingClientRect());
    opener.setAttribute("aria-expanded", "true");
    this.#node.firstChild.focus({ preventScroll: true });
  }

  close(returnFocus = true) {
    if (this.#node.hidden) return;
    this.#node.hidden = true;
    this.#opener?.removeAttribute("aria-expanded");
    if (returnFocus) this.#opener?.focus({ preventScroll: true });
    this.#opener = null;
  }

  #place(beside) {
    const { offsetWidth, offsetHeight } = this.#node;
    const left = Math.max(MARGIN, Math.min(beside.right - offsetWidth, innerWidth - offsetWidth - MARGIN));
    const below = beside.bottom + 4;
    const top = below + offsetHeight > innerHeight - MARGIN ? beside.top - offsetHeight - 4 : below;
    this.#node.style.left = `${left}px`;
    this.#node.style.top = `${Math.max(MARGIN, top)}px`;
  }

  #key(event) {
    const buttons = [...this.#node.children];
    const at = buttons.indexOf(document.activeElement);
    const move = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (move !== undefined) buttons.at(move % buttons.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #picked(event) {
    const place = event.target.closest("[role=menuitem]")?.dataset.place;
    if (place === undefined) return;
    const item = this.#items[Number(place)];
    this.close();
    item.run();
  }
}
