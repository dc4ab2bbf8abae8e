// What each allocator looks like everywhere: a hue, a mark, a dash. No two share all three.

const DASHES = ["", "7 3", "2 3", "9 3 2 3"];
const SHAPES = ["circle", "square", "diamond", "up", "down"];

let looks = new Map();

function assignLooks(names, stages) {
  looks = new Map(names.map((name, index) => [name, {
    hue: `var(--hue${index % 7})`, dash: DASHES[Math.floor(index / 7) % DASHES.length],
    shape: SHAPES[index % SHAPES.length], isStage: stages.has(name),
  }]));
}

const lookOf = name => looks.get(name);
const hueOf = name => `--hue: ${lookOf(name).hue}`;

/** The mark of an allocator at a point: filled for stages, hollow for others. */
function markOf(name, x, y, size = 5) {
  const { shape, isStage } = lookOf(name);
  const corners = {
    square: [[-.9, -.9], [.9, -.9], [.9, .9], [-.9, .9]], diamond: [[0, -1.25], [1.25, 0], [0, 1.25], [-1.25, 0]],
    up: [[0, -1.2], [1.15, .9], [-1.15, .9]], down: [[0, 1.2], [1.15, -.9], [-1.15, -.9]],
  }[shape];
  const attributes = { class: isStage ? "mark" : "mark hollow", style: hueOf(name) };
  if (!corners) return svg("circle", { ...attributes, cx: x, cy: y, r: size });
  const points = corners.map(([dx, dy]) => `${(x + dx * size).toFixed(1)},${(y + dy * size).toFixed(1)}`);
  return svg("polygon", { ...attributes, points: points.join(" ") });
}

/** A line with its mark, for a legend. */
const swatch = name => svg("svg", { class: "swatch", viewBox: "0 0 34 14", "aria-hidden": "true" },
  svg("line", { class: "line", style: hueOf(name), "stroke-dasharray": lookOf(name).dash, x1: 1, x2: 33, y1: 7, y2: 7 }),
  markOf(name, 17, 7, 4));

/** Check boxes for the allocators that the curves show. */
function chooser(names, chosen, change) {
  const boxes = names.map(name => html("label", {},
    html("input", { type: "checkbox", checked: chosen.has(name) ? "" : null, change: event => {
      event.target.checked ? chosen.add(name) : chosen.delete(name);
      change();
    } }), swatch(name), name));
  return html("fieldset", {}, html("legend", {}, "Allocators in the curves below (filled marks: stages of this workspace)"),
    html("div", { class: "choices" }, boxes));
}

/** The fastest and the densest, the baseline and the last stages: enough to begin with. */
function firstChoice(names, front, stages) {
  const wanted = [names.find(name => name === "libc"), ...[...stages].slice(-3), ...front, ...names];
  return new Set([...new Set(wanted.filter(Boolean))].slice(0, 6));
}
