// Links to a state: #figure@5, or with its own operations #figure@5!1024!a%20%3D%20malloc%2024
import { whenParsed } from "./dom.js";

/** The state that the page's address names for the figure `id`. */
export function read(id, hash = location.hash) {
  const [name, rest] = decodeURIComponent(hash.slice(1).split("!")[0]).split("@");
  if (name !== id || rest === undefined || !/^\d+$/.test(rest)) return undefined;
  const [, heap, script] = hash.split("!");
  return { index: Number(rest), heap: /^\d+$/.test(heap) ? Number(heap) : undefined, script: script && decodeURIComponent(script) };
}

export function write(id, { index, heap, script }) {
  return `#${id}@${index}${script === undefined ? "" : `!${heap}!${encodeURIComponent(script)}`}`;
}

/** Marks the links of the text that name the figure's present state. */
export function mark(id, index) {
  whenParsed(() => markNow(id, index));
}

function markNow(id, index) {
  for (const link of document.querySelectorAll(`a[href^="#${id}@"]`)) {
    if (link.getAttribute("href") === `#${id}@${index}`) link.setAttribute("aria-current", "step");
    else link.removeAttribute("aria-current");
  }
}
