// Time against memory: who is beaten in neither, among the allocators for the same need.

const MEANS = " means", BASELINE = "libc", CONTROL = "libc-again";

/** `{name, x, y}` of each allocator that has both; of means also over how many workloads, of how many that any completed. */
function paretoPoints(report, chosen) {
  if (chosen === MEANS) {
    const of = report.workloads.filter(workload => workload.rows.some(row => isNumber(row.footprint_ratio) && (row.time || workload.is_threaded))).length;
    return report.means.map(mean => ({ name: mean.allocator, x: mean.time_ratio, y: mean.footprint_ratio,
      n: Math.min(mean.n_timed + (mean.n_threaded ?? 0), mean.n_footprints), of })).filter(isWhole);
  }
  return workloadOf(report, chosen).rows.map(row => ({ name: row.allocator, x: row.time?.median, y: row.footprint_ratio })).filter(isWhole);
}

const hasMeans = report => report.means.some(mean => isNumber(mean.time_ratio));

const isWhole = point => isNumber(point.x) && isNumber(point.y) && point.x > 0 && point.y > 0;

/** Whether a mean is of every workload that any allocator completed. */
const isComplete = point => point.n === undefined || point.n === point.of;

/**
 * The most time and footprint in the picture: three times the time and twice the footprint of libc, and so much more
 * that at least half of all are in it.
 */
function limitsNearBaseline(points) {
  const libc = points.find(point => point.name === BASELINE) ?? { x: 0, y: 0 };
  return { x: Math.max(3 * libc.x, 1.5 * middle(points.map(point => point.x))), y: Math.max(2 * libc.y, 1.5 * middle(points.map(point => point.y))) };
}

/** Those that nobody beats in both, from fast to dense; over all workloads only those that completed them. */
function paretoFront(points) {
  const whole = points.filter(isComplete);
  return whole.filter(point => !whole.some(other =>
    other.x <= point.x && other.y <= point.y && (other.x < point.x || other.y < point.y)))
    .sort((a, b) => a.x - b.x);
}

/** The front of each need: from need to points. */
const frontsOf = points => new Map(Object.keys(NEEDS).map(need => [need, paretoFront(points.filter(point => needOf(point.name) === need))]));

function pareto(report) {
  let chosen = hasMeans(report) ? MEANS : report.workloads[0].name, range = "near";
  const isMeans = () => chosen === MEANS;
  const time = x => isMeans() ? ratio(x) : nanos(x);
  const words = point => `${point.name}: time ${time(point.x)}${isMeans() ? " of libc’s" : " per operation"}, `
    + `footprint ${ratio(point.y)} of peak live bytes` + (isComplete(point) ? "" : ` (over ${point.n} of ${point.of} workloads only)`);
  const draw = (width, say) => {
    const workloads = isMeans() ? report.workloads : [workloadOf(report, chosen)];
    const points = paretoPoints(report, chosen).map(point => ({ ...point, isGrey: isIdle(point.name, workloads) }));
    const limits = range === "near" ? limitsNearBaseline(points) : { x: Infinity, y: Infinity };
    const xLabel = isMeans() ? "time / libc’s, logarithmic: faster to the left" : "time per operation, logarithmic: faster to the left";
    return html("div", {}, scatter({ points, limits, width, say, words, time, xLabel, format: isMeans() ? plain : short(nanos) }), keyOfNeeds(points));
  };
  const options = report.workloads.map(workload => [workload.name, workload.name]);
  if (hasMeans(report)) options.unshift([MEANS, report.workloads.some(workload => workload.is_threaded) ? "all workloads of one thread (geometric means)" : "all workloads (geometric means)"]);
  const redraw = figure({ id: "pareto", title: "Time against memory",
    question: "Which allocator is beaten in neither, among those for the same need? In bold, joined by a line: those that no other of their kind beats in both. One that did not complete every workload has its count beside it and is left out of that.",
    controls: [choice("Workload", options, chosen, value => { chosen = value; redraw(); }),
      choice("Range", [["near", "near libc"], ["all", "everything"]], range, value => { range = value; redraw(); })],
    draw, caption: "Footprint: peak resident memory of a process allocator; the smallest heap in which one in given memory or an arena completes. An arrow points to what lies beyond the picture, and the figure is beside it. Arrow keys go from mark to mark.",
    table: () => {
      const points = paretoPoints(report, chosen), fronts = [...frontsOf(points).values()].flat();
      return tableOf("Time and footprint", [["allocator"], [isMeans() ? "time / libc" : "ns/op", isMeans() ? ratio : three], ["footprint / peak live", ratio], ["workloads"], ["kind"], ["on the front of its kind"]],
        points.map(point => [point.name, point.x, point.y, point.of ? `${point.n}/${point.of}` : "1", NEEDS[needOf(point.name)].title, fronts.includes(point) ? "yes" : "no"]));
    } });
}

/** The marks, their labels and the fronts; higher until every label has room. */
function scatter(picture) {
  const fronts = frontsOf(picture.points), isBold = new Set([...fronts.values()].flat().filter(point => !point.isGrey));
  const named = picture.points.map(point => ({ ...point, isStrong: isBold.has(point), label: point.name + (isComplete(point) ? "" : ` (${point.n}/${point.of})`)
    + (point.x > picture.limits.x ? ` → ${picture.time(point.x)}` : "") + (point.y > picture.limits.y ? ` ↑ ${ratio(point.y)}` : "") }));
  for (let height = 440 + Math.max(0, 700 - picture.width) * .75; height <= 2400; height += 60) {
    const frame = frameOf(named, picture.limits, picture.width, height);
    const placed = placeLabels(named.map(point => ({ ...point, ...frame.at(point) })), [frame.box.left + 3, 20, picture.width - 1, frame.box.bottom - 1]);
    if (placed) return scatterOf(picture, frame, placed, fronts);
  }
  return missing("labels: there are too many allocators for a window as narrow as this; see the table");
}

/** Scales of what lies within the limits, each by itself, with strips at the border for what lies beyond. */
function frameOf(points, limits, width, height) {
  const isIn = point => point.x <= limits.x && point.y <= limits.y;
  const [beyondX, beyondY] = [points.some(point => point.x > limits.x), points.some(point => point.y > limits.y)];
  const box = { left: 46, right: width - (beyondX ? 44 : 16), top: beyondY ? 60 : 28, bottom: height - 42 };
  const within = axis => points.map(point => point[axis]).filter(value => value <= limits[axis]);
  const x = scale(within("x"), [box.left, box.right], true, .06), y = scale(within("y"), [box.bottom, box.top], true, .06);
  const at = point => ({ px: point.x > limits.x ? width - 22 : x.at(point.x), py: point.y > limits.y ? 40 : y.at(point.y) });
  return { box, x, y, at, isIn, width, height };
}

function scatterOf({ limits, say, words, xLabel, format }, { box, x, y, isIn, width, height }, placed, fronts) {
  const marks = placed.map(point => svg("g", { "data-allocator": point.name },
    svg("circle", { class: "ring", cx: point.px, cy: point.py, r: 11 }), svg("circle", { class: "hit", cx: point.px, cy: point.py, r: 11 }),
    point.x > limits.x ? arrowAt(point.px + 8, point.py, 0) : null, point.y > limits.y ? arrowAt(point.px, point.py - 8, -90) : null,
    markOf(point.name, point.px, point.py, 6, point.isGrey),
    svg("text", { x: point.lx, y: point.ly, class: point.isGrey ? "label soft" : point.isStrong ? "label strong" : "label" }, point.label)));
  roving(marks, index => words(placed[index]), say);
  const leaders = placed.filter(point => point.leader).map(({ name, leader: [x1, y1, x2, y2] }) => svg("line", { class: "leader", "data-allocator": name, x1, y1, x2, y2 }));
  const lines = [...fronts].map(([need, front]) => [need, front.filter(isIn)]).filter(([, front]) => front.length > 1).map(([need, front]) => svg("path", { class: "front", "data-need": need, "stroke-dasharray": NEEDS[need].dash,
    d: front.map((point, index) => `${index ? `H${x.at(point.x)}V` : `M${x.at(point.x)} `}${y.at(point.y)}`).join("") }));
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Time against footprint, one mark for each allocator" },
    bottomAxis(x.at, x.ticks, { top: box.top, bottom: box.bottom, format, label: xLabel }),
    leftAxis(y.at, y.ticks, { ...box, label: "footprint / peak live bytes, logarithmic: denser below" }), lines, leaders, marks);
}

/** The marks and lines of the needs, in words. */
const keyOfNeeds = points => html("div", { class: "key" }, needsOf(points.map(point => point.name)).map(need => html("span", {},
  svg("svg", { class: "swatch", viewBox: "0 0 34 14", "aria-hidden": "true" }, svg("line", { class: "front", "stroke-dasharray": NEEDS[need].dash, x1: 1, x2: 33, y1: 7, y2: 7 }),
    shapeOf(need, 17, 7, 4, { class: "mark hollow", style: "--hue: var(--ink)" })),
  NEEDS[need].title + (points.some(point => point.isGrey && needOf(point.name) === need) ? " (grey: they cannot reuse what is freed)" : ""))), html("span", {}, "filled: stages of this workspace; hollow: allocators by others"));
