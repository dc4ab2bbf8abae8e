// Time against memory: who is beaten in neither.

const MEANS = " means";

/** `{name, x, y}` of each allocator that has both. */
function paretoPoints(report, chosen) {
  if (chosen === MEANS) {
    return report.means.map(mean => ({ name: mean.allocator, x: mean.time_ratio, y: mean.footprint_ratio,
      n: Math.min(mean.n_timed + (mean.n_threaded ?? 0), mean.n_footprints), of: mean.n_workloads })).filter(isWhole);
  }
  const workload = report.workloads.find(workload => workload.name === chosen);
  return workload.rows.map(row => ({ name: row.allocator, x: row.time?.median, y: row.footprint_ratio })).filter(isWhole);
}

const hasMeans = report => report.means.some(mean => isNumber(mean.time_ratio));

const isWhole = point => isNumber(point.x) && isNumber(point.y) && point.x > 0 && point.y > 0;

/** Those within three times the time and twice the footprint of libc; all if libc or its company is missing. */
function nearBaseline(points) {
  const libc = points.find(point => point.name === "libc");
  const near = libc ? points.filter(point => point.x <= 3 * libc.x && point.y <= 2 * libc.y) : points;
  return near.length > 2 ? near : points;
}

/** Those that nobody beats in both, from fast to dense; over all workloads only those that completed them. */
function paretoFront(points) {
  const whole = points.filter(point => point.n === undefined || point.n === point.of);
  return whole.filter(point => !whole.some(other =>
    other.x <= point.x && other.y <= point.y && (other.x < point.x || other.y < point.y)))
    .sort((a, b) => a.x - b.x);
}

function pareto(report) {
  let chosen = hasMeans(report) ? MEANS : report.workloads[0].name, range = "near";
  const isMeans = () => chosen === MEANS;
  const words = point => `${point.name}: time ${isMeans() ? `${ratio(point.x)} of libc’s` : nanos(point.x) + " per operation"}, `
    + `footprint ${ratio(point.y)} of peak live bytes` + (point.n < point.of ? ` (over ${point.n} of ${point.of} workloads only)` : "");
  const draw = (width, say) => {
    const height = 440, box = { left: 58, right: width - 96, top: 26, bottom: height - 42 };
    const all = paretoPoints(report, chosen), points = range === "near" ? nearBaseline(all) : all;
    const outside = all.filter(point => !points.includes(point));
    const x = scale(points.map(point => point.x), [box.left, box.right], true, .06);
    const y = scale(points.map(point => point.y), [box.bottom, box.top], true, .06);
    const front = paretoFront(all).filter(point => points.includes(point));
    const steps = front.map((point, index) => `${index ? `H${x.at(point.x)}V` : `M${x.at(point.x)} `}${y.at(point.y)}`);
    const placed = placeLabels(points.map(point => ({ ...point, px: x.at(point.x), py: y.at(point.y) })), box, width);
    const marks = placed.map(point => svg("g", {},
      point.leader ? svg("line", { class: "leader", x1: point.px, y1: point.py, x2: point.lx, y2: point.ly - 4 }) : null,
      svg("circle", { class: "ring", cx: point.px, cy: point.py, r: 11 }), svg("circle", { class: "hit", cx: point.px, cy: point.py, r: 11 }),
      markOf(point.name, point.px, point.py, 6),
      svg("text", { x: point.lx, y: point.ly, "text-anchor": point.anchor, class: front.some(other => other.name === point.name) ? "strong" : "" },
        point.name + (point.n < point.of ? ` (${point.n}/${point.of})` : ""))));
    roving(marks, index => words(placed[index]), say);
    const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Time against footprint, one mark for each allocator" },
      bottomAxis(x.at, x.ticks, { top: box.top, bottom: box.bottom, label: isMeans() ? "time / libc’s, logarithmic: faster to the left" : "ns per operation, logarithmic: faster to the left" }),
      leftAxis(y.at, y.ticks, { ...box, label: "footprint / peak live bytes, logarithmic: denser below" }),
      front.length > 1 ? svg("path", { class: "front", d: steps.join("") }) : null, marks);
    return html("div", {}, drawing, outside.length ? html("p", { class: "note" }, `Outside the picture: ${outside.map(words).join("; ")}.`) : null);
  };
  const options = report.workloads.map(workload => [workload.name, workload.name]);
  if (hasMeans(report)) options.unshift([MEANS, report.workloads.some(workload => workload.is_threaded) ? "all workloads of one thread (geometric means)" : "all workloads (geometric means)"]);
  const redraw = figure({ id: "pareto", title: "Time against memory",
    question: "Which allocator is beaten in neither? In bold, joined by the dotted line: those that no other beats in both. One that did not complete every workload has its count beside it and is left out of that.",
    controls: [choice("Workload", options, chosen, value => { chosen = value; redraw(); }),
      choice("Range", [["near", "near libc"], ["all", "everything"]], range, value => { range = value; redraw(); })],
    draw, caption: "Filled marks are stages of this workspace, hollow ones allocators by others. Arrow keys go from mark to mark.",
    table: () => tableOf("Time and footprint", [["allocator"], [isMeans() ? "time / libc" : "ns/op", isMeans() ? ratio : three], ["footprint / peak live", ratio], ["workloads"], ["on the front"]],
      paretoPoints(report, chosen).map(point => [point.name, point.x, point.y, point.of ? `${point.n}/${point.of}` : "1", paretoFront(paretoPoints(report, chosen)).some(other => other.name === point.name) ? "yes" : "no"])) });
}

/** Labels beside their marks where there is room, else farther away with a line to the mark. */
function placeLabels(points, box, width) {
  const taken = points.map(point => [point.px - 7, point.py - 7, point.px + 7, point.py + 7]);
  const isFree = ([a, b, c, d]) => a > box.left + 2 && c < width + 4 && b > 14 && d < box.bottom + 2 && !taken.some(([e, f, g, h]) => a < g && e < c && b < h && f < d);
  return [...points].sort((a, b) => a.px - b.px).map(point => {
    const length = (point.name.length + (point.n < point.of ? 6 : 0)) * 6.9 + 2;
    for (const distance of [11, 24, 38, 54, 72]) {
      for (const angle of [0, 180, -50, 50, -130, 130, -90, 90, -25, 25, -155, 155]) {
        const lx = point.px + distance * Math.cos(angle * Math.PI / 180);
        const ly = point.py + 4 + distance * .9 * Math.sin(angle * Math.PI / 180);
        const anchor = Math.abs(angle) === 90 ? "middle" : Math.abs(angle) < 90 ? "start" : "end";
        const left = { start: lx, middle: lx - length / 2, end: lx - length }[anchor];
        const space = [left, ly - 11, left + length, ly + 3];
        if (!isFree(space)) continue;
        taken.push(space);
        return { ...point, lx, ly, anchor, leader: distance > 12 };
      }
    }
    return { ...point, lx: point.px + 9, ly: point.py + 4, anchor: "start", leader: false };
  });
}
