// Tells a screen reader, politely, what others see happen.

import { byId } from "./dom.js";

export function announce(words) {
  const region = byId("announcer");
  // The same words twice are a change only with something between them.
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = words;
  });
}
