// Every row of every workload on the same axes: the median as a mark, the range as a bar.

function bars(report) {
  const rows = report.workloads.flatMap(workload => workload.rows);
  const draw = (width, say) => {
    const left = 118, right = width - 12, middle = left + (right - left) * .56;
    const times = rows.flatMap(row => row.time ? [row.time.min, row.time.max] : []);
    const axes = {
      left, time: scale(times, [left, middle - 26], true, .02),
      memory: scale(rows.map(row => row.footprint_ratio), [middle + 22, right - 8], true, .02), width,
    };
    return html("div", { class: "panels" }, report.workloads.map(workload => panel(workload, axes, say)));
  };
  figure({ id: "workloads", title: "Each workload",
    question: "What does each allocator cost on each workload, and how sure is that? Axes are the same in all panels.",
    draw, caption: "Left: ns per operation, logarithmic; the bar is from the fastest to the slowest process. Right: footprint over peak live bytes, logarithmic; an arrow to the left means at most. A row without marks says why.",
    table: () => html("div", {}, report.workloads.map(workload => rowsTable(workload))) });
}

function panel(workload, axes, say) {
  const step = 19, top = 40, bottom = top + workload.rows.length * step, height = bottom + 24;
  const groups = workload.rows.map((row, index) => rowOf(row, top + index * step + step / 2, axes));
  roving(groups, index => rowWords(workload, workload.rows[index]), say);
  return svg("svg", { viewBox: `0 0 ${axes.width} ${height}`, role: "group", "aria-label": `${workload.name}: time and footprint of each allocator` },
    svg("text", { class: "strong", x: 0, y: 16 }, workload.name),
    svg("text", { class: "soft", x: 0, y: 32 }, shorten(`${sentence(workload.about)} ${thousands(workload.n_ops)} operations, peak live ${bytes(workload.peak_live)}.`, axes.width / 6.6)),
    svg("text", { class: "soft", x: axes.time.at(axes.time.high), y: 16, "text-anchor": "end" }, "ns per operation"),
    svg("text", { class: "soft", x: axes.memory.at(axes.memory.high), y: 16, "text-anchor": "end" }, "footprint / peak live"),
    bottomAxis(axes.time.at, axes.time.ticks, { top, bottom }),
    bottomAxis(axes.memory.at, axes.memory.ticks, { top, bottom }), groups);
}

function rowOf(row, y, axes) {
  const parts = [svg("rect", { class: "ring", x: 1, y: y - 9, width: axes.width - 2, height: 18, rx: 3 }), svg("rect", { class: "hit", x: 0, y: y - 9, width: axes.width, height: 18 }),
    svg("text", { x: axes.left - 12, y: y + 4, "text-anchor": "end", class: row.is_stage ? "strong" : "" }, row.allocator)];
  if (row.time) {
    const { min, max, median } = row.time;
    parts.push(svg("line", { class: "spread", style: hueOf(row.allocator), x1: axes.time.at(min), x2: Math.max(axes.time.at(max), axes.time.at(min) + 1), y1: y, y2: y }), markOf(row.allocator, axes.time.at(median), y, 4.2));
  } else {
    parts.push(svg("text", { class: "soft", x: axes.time.at(axes.time.low) + 4, y: y + 4 }, shorten(row.notes[0] ?? "not measured", (axes.time.at(axes.time.high) - axes.left) / 6)));
  }
  if (isNumber(row.footprint_ratio)) {
    const x = axes.memory.at(row.footprint_ratio);
    if (row.footprint.is_upper_bound) parts.push(svg("path", { class: "line", style: hueOf(row.allocator), d: `M${x - 6} ${y}h-10m4 -3l-4 3l4 3` }));
    parts.push(markOf(row.allocator, x, y, 4.2));
  }
  return svg("g", {}, parts);
}

const sentence = text => /[.?!]$/.test(text) ? text : `${text}.`;
const shorten = (text, length) => text.length > length ? `${text.slice(0, Math.max(8, length - 1))}…` : text;

function rowWords(workload, row) {
  const time = row.time ? `${nanos(row.time.median)} per operation, ${nanos(row.time.min)} to ${nanos(row.time.max)}` : "no time";
  const memory = isNumber(row.footprint_ratio) ? `footprint ${row.footprint.is_upper_bound ? "at most " : ""}${ratio(row.footprint_ratio)} of peak live` : "no footprint";
  return `${row.allocator} on ${workload.name}: ${time}; ${memory}. ${row.notes.join("; ")}`;
}

/** All figures of a workload. */
const rowsTable = workload => tableOf(`${workload.name}: ${sentence(workload.about)} Harness ${nanos(workload.harness_ns)} per operation, not subtracted.`,
  [["allocator"], ["version"], ["ns/op", three], ["min", three], ["max", three], ["runs", count], ["footprint", bytes], ["/ peak live", ratio], ["internal", percent], ["external", percent], ["notes"]],
  workload.rows.map(row => [row.allocator, row.version, row.time?.median, row.time?.min, row.time?.max, row.time?.n_runs, row.footprint.bytes, row.footprint_ratio, row.footprint.internal, row.footprint.external,
    [row.footprint.is_upper_bound ? "footprint at most" : null, ...row.notes].filter(Boolean).join("; ")]),
  name => lookOf(name)?.isStage);
