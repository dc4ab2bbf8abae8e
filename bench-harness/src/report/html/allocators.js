// What each allocator is for, and what it looks like everywhere: a hue, a dash, a mark. No two share all three.

const DASHES = ["", "7 3", "2 3", "9 3 2 3"];

/** What allocators are for. Only those for the same need compete: each need has a mark and a line of its own. */
const NEEDS = {
  process: { title: "process allocators", shape: "circle", dash: "" },
  fixed: { title: "heaps in given memory", shape: "square", dash: "7 4" },
  arena: { title: "arenas", shape: "triangle", dash: "2 4" },
};

let looks = new Map();

function assignLooks(names, stages, needs) {
  looks = new Map([...new Set(names)].map((name, index) => [name, {
    hue: `var(--hue${index % 7})`, dash: DASHES[(index + Math.floor(index / 28)) % 4],
    need: needs[name] ?? "fixed", isStage: stages.has(name),
  }]));
}

const lookOf = name => looks.get(name);
const needOf = name => lookOf(name).need;
const hueOf = name => `--hue: ${lookOf(name).hue}`;

/** An arena that cannot reuse what the workload frees: it is shown, but it does not compete. */
const isIdle = (name, workloads) => needOf(name) === "arena" && !workloads.every(workload => workload.frees_nothing);

/** The mark of an allocator at a point: filled for stages, hollow for others, grey for idle ones. */
function markOf(name, x, y, size = 5, isGrey = false) {
  const { need, isStage } = lookOf(name);
  return shapeOf(need, x, y, size, { class: isStage ? "mark" : "mark hollow", style: isGrey ? "--hue: var(--strong)" : hueOf(name) });
}

function shapeOf(need, x, y, size, attributes) {
  if (need === "process") return svg("circle", { ...attributes, cx: x, cy: y, r: size });
  const corners = need === "fixed" ? [[-.9, -.9], [.9, -.9], [.9, .9], [-.9, .9]] : [[0, -1.2], [1.15, .9], [-1.15, .9]];
  const points = corners.map(([dx, dy]) => `${(x + dx * size).toFixed(1)},${(y + dy * size).toFixed(1)}`);
  return svg("polygon", { ...attributes, points: points.join(" ") });
}

/** A line with its mark, for a legend. */
const swatch = name => svg("svg", { class: "swatch", viewBox: "0 0 34 14", "aria-hidden": "true" },
  svg("line", { class: "line", style: hueOf(name), "stroke-dasharray": lookOf(name).dash, x1: 1, x2: 33, y1: 7, y2: 7 }),
  markOf(name, 17, 7, 4));

/** The needs among `names`, in their order. */
const needsOf = names => Object.keys(NEEDS).filter(need => names.some(name => needOf(name) === need));

/** Check boxes for the allocators that the curves show. */
function chooser(names, chosen, change) {
  const box = name => html("label", {},
    html("input", { type: "checkbox", checked: chosen.has(name) ? "" : null, change: event => {
      event.target.checked ? chosen.add(name) : chosen.delete(name);
      change();
    } }), swatch(name), name);
  return html("fieldset", {}, html("legend", {}, "Allocators in the curves below"),
    html("p", { class: "note" }, "Shown at first: libc and the best of each kind, by time × footprint. Filled marks are stages of this workspace."),
    needsOf(names).map(need => html("div", { role: "group", "aria-label": NEEDS[need].title }, html("p", { class: "kind" }, NEEDS[need].title),
      html("div", { class: "choices" }, names.filter(name => needOf(name) === need).map(box)))));
}

/** The baseline and the best of each need: the one that the answer names, else the least time × footprint. */
function firstChoice(report, names) {
  const points = paretoPoints(report, hasMeans(report) ? MEANS : report.workloads[0].name).filter(isComplete);
  const best = need => {
    const rivals = points.filter(point => needOf(point.name) === need && point.name !== CONTROL).sort((a, b) => a.x * a.y - b.x * b.y);
    return report.answers?.find(answer => answer.category === need)?.pick?.allocator ?? rivals[0]?.name;
  };
  const chosen = [BASELINE, ...Object.keys(NEEDS).map(best)].filter(name => names.includes(name));
  return new Set(chosen.length ? chosen : names.slice(0, 4));
}
