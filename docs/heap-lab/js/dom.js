// Elements.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; `on…` attributes are listeners, and `undefined` ones are left out. */
export function make(tag, attributes = {}, ...children) {
  const element = ["svg", "path", "rect"].includes(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A button with a name; `label` is what it shows, where that is no name. */
export function button(name, onclick, label = name) {
  return make("button", { type: "button", onclick, "aria-label": label === name ? undefined : name, title: label === name ? undefined : name }, label);
}

/** Does something as soon as all of the page is there. */
export function whenParsed(run) {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", run, { once: true });
  else run();
}

export const thousands = number => String(number).replace(/\B(?=(\d{3})+$)/g, ",");
