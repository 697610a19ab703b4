// The drawer "Try a fault": what can go wrong, at a button's press.

import { FAULTS, clearFaults } from "./faults.js";
import { h } from "./dom.js";
import { Practice } from "./practice.js";

export class Panel {
  #node;
  #opener;
  #store;
  #watches = new Map();
  #practice;

  constructor(node, opener, store) {
    this.#node = node;
    this.#opener = opener;
    this.#store = store;
    this.#practice = new Practice(store);
    opener.addEventListener("click", () => this.#toggle(node.hidden));
    node.addEventListener("click", (event) => this.#clicked(event));
    node.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#toggle(false);
    });
    store.addEventListener("happening", (event) => this.#happened(event.detail));
  }

  #toggle(open) {
    if (open) this.#build();
    this.#node.hidden = !open;
    this.#opener.setAttribute("aria-expanded", String(open));
    (open ? this.#node : this.#opener).focus();
  }

  #build() {
    if (this.#node.firstChild) return;
    this.#node.append(
      h("header", { class: "panel-head" }, h("h2", {}, "Try a fault"),
        h("button", { type: "button", class: "close", "data-panel": "close", "aria-label": "Close “Try a fault”" }, "×")),
      h("div", { class: "panel-body" },
        h("p", {}, "Break something, ask with ", h("code", {}, "/rca"), " or a mention, and watch: an answer always arrives, once, in its thread."),
        this.#practice.node,
        h("section", { "aria-labelledby": "panel-slack" }, h("h3", { id: "panel-slack" }, "Slack"),
          h("ul", { class: "faults" }, FAULTS.map(entry)),
          h("button", { type: "button", class: "button", "data-panel": "clear" }, "Take back all faults of Slack"),
          h("p", { class: "happened", id: "happened-clear", role: "status" }))));
    this.#practice.refresh();
  }

  #clicked(event) {
    const { panel, fault } = event.target.closest("button")?.dataset ?? {};
    if (panel === "close") this.#toggle(false);
    else if (panel === "clear") this.#clear();
    else if (fault) this.#run(FAULTS.find((one) => one.id === fault), event.target.closest("button"));
  }

  async #run(fault, button) {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    this.#watches.delete(fault.id);
    if (fault.watch) this.#watches.set(fault.id, fault.watch(this.#store));
    try {
      tell(fault.id, await fault.run(this.#store));
    } catch (error) {
      tell(fault.id, `That did not work: ${error.message}.`);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  async #clear() {
    this.#watches.clear();
    await clearFaults();
    for (const fault of FAULTS) tell(fault.id, "");
    tell("clear", "Slack works again.");
  }

  #happened(happening) {
    for (const [id, watch] of this.#watches) {
      const words = watch(happening);
      if (words) tell(id, words);
    }
  }
}

function entry(fault) {
  return h("li", { class: "fault-entry" },
    h("h4", { id: `fault-${fault.id}` }, fault.title),
    h("p", { class: "expect", id: `expect-${fault.id}` }, fault.expect),
    h("button", { type: "button", class: "button", "data-fault": fault.id, "aria-describedby": `expect-${fault.id}` }, fault.button),
    h("p", { class: "happened", id: `happened-${fault.id}`, role: "status" }));
}

function tell(id, words) {
  document.getElementById(`happened-${id}`).textContent = words;
}
