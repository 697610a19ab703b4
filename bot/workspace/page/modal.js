// Modals that the app opens, and the viewer of files; the browser's dialog keeps the focus inside.

import { act, readText } from "./api.js";
import { blocks } from "./blocks.js";
import { h } from "./dom.js";
import { valuesOf } from "./inputs.js";
import { morph } from "./morph.js";
import { plain } from "./mrkdwn.js";

const LONGEST_FILE = 1_000_000;
// Slack's own words where an app does not take a submission.
const TROUBLE = "We had some trouble connecting. Try again?";

export class Modal {
  #dialog;
  #store;
  #context;
  #faults = {};
  #trouble = "";
  #busy = false;

  constructor(dialog, store, context) {
    this.#dialog = dialog;
    this.#store = store;
    this.#context = context;
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    dialog.addEventListener("click", (event) => this.#clicked(event));
    dialog.addEventListener("submit", (event) => this.#submit(event));
  }

  get #view() {
    return this.#store.views.at(-1);
  }

  render() {
    const view = this.#view;
    if (!view) {
      this.#faults = {};
      this.#trouble = "";
      if (this.#dialog.open) this.#dialog.close();
      return;
    }
    const fresh = h("dialog", {}, this.#form(view));
    morph(this.#dialog, copyAttributes(this.#dialog, fresh));
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  close() {
    const view = this.#view;
    if (!view) return;
    this.#store.views = this.#store.views.slice(0, -1);
    this.#store.changed();
    act("close_view", { user: this.#store.me, view_id: view.id }).catch(() => this.#store.refresh());
  }

  #form(view) {
    const context = {
      ...this.#context, me: this.#context.me, faultOf: (block) => this.#faults[block],
      isPending: (action) => this.#store.pending.has(`${view.id}:${action}`),
    };
    return h("form", { "data-key": view.id },
      h("header", { class: "modal-head" }, h("h2", { id: "modal-title" }, plain(view.title)),
        h("button", { type: "button", class: "close", "data-close": true, "aria-label": `Close ${view.title.text}` }, "×")),
      h("div", { class: "modal-body" }, blocks(view.blocks, context)),
      h("footer", { class: "modal-foot" },
        this.#trouble ? h("p", { class: "fault", role: "alert" }, this.#trouble) : null,
        view.close || !view.submit ? h("button", { type: "button", class: "button", "data-close": true }, plain(view.close ?? { text: "Close" })) : null,
        view.submit ? h("button", { type: "submit", class: "button button-primary", "aria-busy": this.#busy ? "true" : null }, plain(view.submit)) : null));
  }

  #clicked(event) {
    if (event.target.closest("[data-close]")) this.close();
    const button = event.target.closest("[data-do=click]");
    if (!button || !this.#view) return;
    const key = `${this.#view.id}:${button.dataset.action}`;
    this.#store.setPending(key, true);
    act("click_view", { user: this.#store.me, view_id: this.#view.id, action_id: button.dataset.action })
      .catch(() => this.#store.refresh())
      .finally(() => this.#store.setPending(key, false));
  }

  async #submit(event) {
    event.preventDefault();
    const view = this.#view;
    if (!view?.submit || this.#busy) return;
    this.#busy = true;
    try {
      const result = await act("submit_view", { user: this.#store.me, view_id: view.id, state: valuesOf(event.target) });
      this.#faults = result.ack?.response_action === "errors" ? result.ack.errors : {};
      this.#trouble = result.acked ? "" : TROUBLE;
    } catch {
      this.#trouble = TROUBLE;
    } finally {
      this.#busy = false;
      this.#store.changed();
    }
  }
}

export class FileViewer {
  #dialog;

  constructor(dialog) {
    this.#dialog = dialog;
    dialog.addEventListener("click", (event) => {
      if (event.target.closest("[data-close]")) dialog.close();
    });
  }

  async open(id, name) {
    const body = h("pre", { tabindex: "0", class: "file-text" }, "Loading …");
    const close = h("button", { type: "button", class: "close", "data-close": true, "aria-label": "Close the file" }, "×");
    this.#dialog.replaceChildren(
      h("header", { class: "modal-head" }, h("h2", { id: "file-title" }, name), close),
      h("div", { class: "modal-body" }, body));
    this.#dialog.showModal();
    body.textContent = await this.#text(id);
  }

  async #text(id) {
    try {
      const text = await readText(`/control/files/${encodeURIComponent(id)}`);
      if (text.includes("\0")) return "This file is not text, and is not shown here.";
      const left = text.length - LONGEST_FILE;
      return left > 0 ? `${text.slice(0, LONGEST_FILE)}\n… ${left} more characters are not shown here.` : text;
    } catch (error) {
      return `The file cannot be shown: ${error.message}.`;
    }
  }
}

function copyAttributes(from, to) {
  for (const { name, value } of from.attributes) to.setAttribute(name, value);
  return to;
}
