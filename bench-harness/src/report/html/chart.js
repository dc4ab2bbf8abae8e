// A chart of lines with a cursor that keyboard and pointer move alike.

/** A line whose highest point is so many times that of the middle line sets no axis. */
const FAR_LINE = { linear: 4, log: 100 };

let nClips = 0;

const highestOf = line => Math.max(...line.points.map(point => point[1]), ...(line.lone ?? []).map(point => point[1]));

/**
 * `lines` are `{name, label, points: [[x, y]…], lone: [[x, y]…]}`, where lone points are not joined to the others;
 * `at` formats x in words, `value` formats y. The cursor stops at each of `stops`, and the live line says what every
 * line is there. `isExact`: a line has a value where it has a point, and nowhere else.
 */
function chart({ width, say, lines, stops, areas = [], isLogX, isLogY, isExact, xTicks, yTicks, xFormat = plain, yFormat = plain, xLabel, yLabel, at, value, name }) {
  const limit = Math.max(highest(lines.map(highestOf), isLogY ? FAR_LINE.log : FAR_LINE.linear), ...areas.map(highestOf));
  const isBeyond = line => highestOf(line) > limit, all = line => [...line.points, ...(line.lone ?? [])];
  const titles = new Map(lines.map(line => [line, (line.label ?? line.name) + (isBeyond(line) ? ` ↑ ${short(value)(highestOf(line))}` : "")]));
  const height = 330, isNarrow = width < 560, room = isNarrow ? 30 : Math.max(30, ...[...titles.values()].map(title => textWidth(title) + 14));
  const box = { left: 74, right: width - room, top: 34, bottom: 330 - 42 };
  const xs = stops, ys = [...lines, ...areas].flatMap(line => all(line).map(point => point[1])).filter(value => value <= limit);
  const x = scale(xs, [box.left, box.right], isLogX), y = scale(ys, [box.bottom, box.top], isLogY, .04);
  const level = py => isLogY ? Math.max(py, y.low) : py;
  const path = points => points.map(([px, py], index) => `${index ? "L" : "M"}${x.at(px).toFixed(1)} ${y.at(level(py)).toFixed(1)}`).join("");
  const clip = `clip-${++nClips}`, isIn = ([, py]) => py <= y.high;
  const cursor = svg("line", { class: "cursor", y1: box.top, y2: box.bottom, visibility: "hidden" });
  const drawn = lines.map(line => svg("g", { style: hueOf(line.name), "data-allocator": line.name },
    line.points.length ? svg("path", { class: "line", d: path(line.points), "stroke-dasharray": lookOf(line.name).dash, "clip-path": `url(#${clip})` }) : null,
    [...sparse(line.points), ...(line.lone ?? [])].filter(isIn).map(([px, py]) => markOf(line.name, x.at(px), y.at(level(py)), 3.6)),
    all(line).filter(point => !isIn(point)).slice(0, 1).map(([px]) => arrowAt(x.at(px), box.top - 1, -90))));
  const ends = spreadOut(lines.map(line => ({ line, y: y.at(clamp(all(line).at(-1)[1], y.low, y.high)) })), box);
  const labels = isNarrow ? [] : ends.map(({ line, y }) => svg("text", { class: "label", x: box.right + 10, y: y + 4 }, titles.get(line)));
  const key = isNarrow && lines.length ? html("div", { class: "key" }, lines.map(line => html("span", {}, swatch(line.name), titles.get(line)))) : null;
  const filled = areas.map(area => svg("path", { class: area.pattern ? "" : "area", fill: area.pattern ? `url(#${area.pattern})` : null,
    d: `${path(area.points)}${path([...area.base ?? area.points.map(([px]) => [px, 0])].reverse()).replace("M", "L")}Z` }));
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${name}; the cursor below reads the values` },
    svg("clipPath", { id: clip }, svg("rect", { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top })),
    bottomAxis(x.at, xTicks ?? x.ticks, { top: box.top, bottom: box.bottom, format: xFormat, label: xLabel }),
    leftAxis(y.at, yTicks?.(y.high) ?? y.ticks, { ...box, format: short(yFormat), label: yLabel }), filled, drawn, labels, cursor);
  const move = index => {
    const stop = stops[index], px = x.at(stop);
    cursor.setAttribute("x1", px);
    cursor.setAttribute("x2", px);
    cursor.setAttribute("visibility", "visible");
    const values = [...areas, ...lines].map(line => {
      const point = isExact ? all(line).find(point => point[0] === stop) : nearest(line.points, stop);
      return `${line.label ?? line.name} ${point ? value(point[1]) : "–"}`;
    });
    const words = `${at(stop)}: ${values.join(", ")}.`;
    slider.setAttribute("aria-valuetext", words);
    say(words);
  };
  const slider = html("input", { type: "range", min: 0, max: stops.length - 1, step: 1, value: stops.length - 1, "aria-label": `Cursor of: ${name}`,
    style: `margin-left:${box.left / width * 100}%;width:${(box.right - box.left) / width * 100}%`, input: () => move(Number(slider.value)) });
  drawing.addEventListener("pointermove", event => {
    const bounds = drawing.getBoundingClientRect(), px = (event.clientX - bounds.left) / bounds.width * width;
    let best = 0;
    stops.forEach((stop, index) => { if (Math.abs(x.at(stop) - px) < Math.abs(x.at(stops[best]) - px)) best = index; });
    slider.value = best;
    move(best);
  });
  return html("div", {}, drawing, slider, key);
}

/** Marks for every point of few, for some of many. */
const sparse = points => points.length <= 12 ? points : points.filter((_, index) => index % Math.ceil(points.length / 6) === Math.floor(points.length / 12));

function nearest(points, stop) {
  let best = points[0];
  for (const point of points) if (Math.abs(point[0] - stop) < Math.abs(best[0] - stop)) best = point;
  return best;
}

/** Labels at the ends of lines, pushed apart until none covers another. */
function spreadOut(ends, box) {
  const sorted = [...ends].sort((a, b) => a.y - b.y);
  for (let index = 1; index < sorted.length; index++) sorted[index].y = Math.max(sorted[index].y, sorted[index - 1].y + 14);
  const over = Math.max(0, (sorted[sorted.length - 1]?.y ?? 0) - box.bottom);
  for (let index = sorted.length - 1; index >= 0; index--) {
    const below = sorted[index + 1]?.y ?? Infinity;
    sorted[index].y = Math.min(sorted[index].y - (index === sorted.length - 1 ? over : 0), below - 14);
  }
  return sorted;
}

/** Fills that differ without colour; one set for the whole page. */
function patterns() {
  const pattern = (id, hue, drawing) => svg("pattern", { id, width: 8, height: 8, patternUnits: "userSpaceOnUse" },
    svg("rect", { width: 8, height: 8, style: `fill:color-mix(in srgb, var(--hue${hue}) 22%, var(--paper))` }),
    svg("path", { d: drawing, style: `stroke:var(--hue${hue});stroke-width:1.6;fill:none` }));
  return svg("svg", { width: 0, height: 0, style: "position:absolute;width:0;height:0", "aria-hidden": "true" }, svg("defs", {},
    pattern("dots", 0, "M2 2h1.6M6 6h1.6"), pattern("crosses", 3, "M2 2l4 4M6 2l-4 4"),
    pattern("slants", 2, "M-2 6l8 -8M2 10l8 -8"), pattern("bars", 1, "M0 2h8M0 6h8"),
    svg("pattern", { id: "hatch", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
      svg("rect", { width: 6, height: 6, style: "fill:var(--free)" }), svg("path", { d: "M-1 5l6 -6M2 8l6 -6", style: "stroke:var(--strong);stroke-width:.8" }))));
}
