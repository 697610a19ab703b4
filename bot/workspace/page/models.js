// The bar that says at all times which models answer, and how they are.

import { read } from "./api.js";
import { h } from "./dom.js";
import { morph } from "./morph.js";

const POLL_MILLISECONDS = 4000;
const SOONEST_MILLISECONDS = 1000;

export class Models {
  #node;
  #store;
  #asked = 0;

  constructor(node, store) {
    this.#node = node;
    this.#store = store;
    setInterval(() => this.refresh(), POLL_MILLISECONDS);
  }

  async refresh() {
    if (document.hidden || Date.now() - this.#asked < SOONEST_MILLISECONDS) return;
    this.#asked = Date.now();
    try {
      this.#show(await read("/api/health/report"));
    } catch {
      this.#render(["The bot does not answer."], "The health report cannot be read");
    }
  }

  #show(report) {
    if (!report.providers.length) {
      this.#render([h("strong", {}, "Rules alone, no model")], report.notes.join(" "));
      return;
    }
    const { practice } = this.#store.app;
    const named = practice ? "Practice script, no real model: " : "Models: ";
    const parts = report.providers.flatMap((provider, place) => [place ? " then " : "", chip(provider, practice)]);
    this.#render([named, parts], report.notes.join(" "));
  }

  #render(children, title) {
    const fresh = h("p", { id: this.#node.id, class: this.#node.className, title: title || null }, children);
    morph(this.#node, fresh);
  }
}

function chip(provider, practice) {
  const known = ["healthy", "degraded", "down"].includes(provider.state) ? provider.state : "unknown";
  return h("span", { class: `model model-${known}` },
    h("span", { class: "model-dot", "aria-hidden": "true" }),
    h("strong", {}, provider.name), " ",
    provider.model && !practice ? h("span", { class: "model-name" }, `${provider.model} `) : null,
    h("span", { class: "model-state" }, provider.state === "unknown" ? "not asked yet" : provider.state));
}
