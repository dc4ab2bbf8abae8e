// Elements, and the frame that every figure stands in.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; functions become listeners. */
function element(namespace, tag, attributes, children) {
  const made = namespace ? document.createElementNS(namespace, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined));
  return made;
}

const html = (tag, attributes, ...children) => element(null, tag, attributes, children);
const svg = (tag, attributes, ...children) => element(SVG, tag, attributes, children);

/** A labelled choice; `change` gets the chosen value. */
function choice(label, options, chosen, change) {
  const items = options.map(([value, text]) => html("option", { value, selected: value === chosen ? "" : null }, text));
  return html("label", {}, label, html("select", { change: event => change(event.target.value) }, items));
}

const figures = [];

/**
 * A section with a title, a question, controls, a drawing, a live line and a table.
 * `draw(width)` returns the drawing; `table()` returns the table's element.
 */
function figure({ id, title, question, controls, draw, table, caption }) {
  const place = html("div", { class: "plot" });
  const live = html("p", { class: "live", "aria-live": "polite" });
  const rows = html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, as a table` });
  const shown = html("details", { toggle: () => shown.open && rows.replaceChildren(table()) },
    html("summary", {}, "The same as a table"), rows);
  const heading = html("h2", { id: `${id}-title` }, title);
  const section = html("section", { id, "aria-labelledby": `${id}-title` }, heading,
    html("p", { class: "question" }, question),
    controls ? html("div", { class: "controls" }, controls) : null,
    html("figure", { role: "group", "aria-labelledby": `${id}-title` }, place, live,
      caption ? html("figcaption", {}, caption) : null),
    shown);
  document.getElementById("main").append(section);
  const redraw = () => {
    live.textContent = "";
    place.replaceChildren(draw(Math.max(340, Math.min(place.clientWidth || 960, 1040)), text => { live.textContent = text; }));
    if (shown.open) rows.replaceChildren(table());
  };
  figures.push({ id, title, redraw });
  redraw();
  return redraw;
}

/** A section of text or tables. */
function chapter(id, title, ...children) {
  document.getElementById("main").append(html("section", { id, "aria-labelledby": `${id}-title` },
    html("h2", { id: `${id}-title` }, title), children));
  figures.push({ id, title, redraw: () => {} });
}

/**
 * One stop of the tab key for a group of marks; arrows, Home and End go from mark to mark, and what
 * is focused or pointed at is described in the live line.
 */
function roving(marks, describe, say) {
  marks.forEach((mark, index) => {
    mark.setAttribute("tabindex", index === 0 ? "0" : "-1");
    mark.setAttribute("role", "img");
    mark.setAttribute("aria-label", describe(index));
    mark.addEventListener("focus", () => say(describe(index)));
    mark.addEventListener("pointerenter", () => say(describe(index)));
    mark.addEventListener("keydown", event => {
      const to = { ArrowRight: index + 1, ArrowDown: index + 1, ArrowLeft: index - 1, ArrowUp: index - 1,
        Home: 0, End: marks.length - 1 }[event.key];
      if (to === undefined || !marks[to]) return;
      event.preventDefault();
      mark.setAttribute("tabindex", "-1");
      marks[to].setAttribute("tabindex", "0");
      marks[to].focus();
    });
  });
}
