// The scripted models of `--practice`: each can be stopped, slowed or broken from here.

import { post, read } from "./api.js";
import { h } from "./dom.js";

const MODES = [
  { mode: "ok", label: "Answers", told: "answers again" },
  { mode: "stopped", label: "Stopped", told: "is stopped: expect the next in the chain to answer, in the same message" },
  { mode: "slow", label: "Slow", told: "is slow: expect the answer to grow slowly, or the next in the chain to take over" },
  { mode: "breaks", label: "Breaks its stream", told: "breaks off in the middle of an answer: expect the message to be rewritten by the next one" },
];

export class Practice {
  #store;
  #told = h("p", { class: "happened", role: "status" });
  #list = h("div", {});

  constructor(store) {
    this.#store = store;
    this.node = h("section", { "aria-labelledby": "panel-models" }, h("h3", { id: "panel-models" }, "Models"), this.#list, this.#told);
    this.#list.addEventListener("change", (event) => this.#chosen(event.target));
  }

  async refresh() {
    if (!this.#store.app.practice) {
      this.#explain();
      return;
    }
    try {
      this.#show(await read("/control/practice"));
    } catch (error) {
      this.#told.textContent = `The practice models do not answer: ${error.message}.`;
    }
  }

  #explain() {
    this.#list.replaceChildren(h("p", { class: "expect" },
      "To stop a model, slow it or break its stream, start with ", h("code", {}, "rca-bot run --practice"),
      ". Small scripted models then answer in place of real ones, and each of their answers says so."));
  }

  #show(practice) {
    if (practice.running) this.#list.replaceChildren(...practice.providers.map(choices));
    else this.#explain();
  }

  async #chosen(radio) {
    const { told } = MODES.find((one) => one.mode === radio.value);
    try {
      this.#show(await this.#set(radio));
      this.#told.textContent = `${radio.dataset.provider} ${told}.`;
    } catch (error) {
      this.#told.textContent = `That did not work: ${error.message}.`;
    }
  }

  async #set(radio) {
    const answer = await post("/control/practice", { provider: radio.dataset.provider, mode: radio.value });
    return answer.result ?? answer;
  }
}

function choices({ name, mode }) {
  return h("fieldset", { class: "modes" }, h("legend", {}, name), MODES.map((one) =>
    h("label", { class: "choice" },
      h("input", { type: "radio", name: `mode-${name}`, value: one.mode, checked: one.mode === mode, "data-provider": name }), one.label)));
}
