// Every row of every workload on the same axes: the median as a mark, the range as a bar.

/** Pixels beside an axis for what lies beyond it: an arrow and a figure. */
const BEYOND = 62;

function bars(report) {
  const draw = (width, say) => {
    const limits = report.workloads.map(limitsOf), axes = axesOf(report, limits, width);
    return html("div", { class: "panels" }, report.workloads.map((workload, index) => axes.map(shown => panel(workload, shown, limits[index], say))));
  };
  figure({ id: "workloads", title: "Each workload",
    question: "What does each allocator cost on each workload, and how sure is that? Axes are the same in all panels.",
    draw, caption: "Time: ns per operation, logarithmic; the bar is from the fastest to the slowest process. Memory: footprint over peak live bytes, logarithmic; an arrow to the left means at most. An arrow to the right points to what lies beyond the axis, and the figure is beside it: more than ten times the middle time of the workload, or more than four times its middle footprint. Arenas are grey where blocks are freed. A row without marks says why.",
    table: () => html("div", {}, report.workloads.map(workload => rowsTable(workload))) });
}

/** The most time and footprint on the axes. */
const limitsOf = workload => ({ time: highest(workload.rows.map(row => row.time?.median), FAR.time), memory: highest(workload.rows.map(row => row.footprint_ratio), FAR.memory) });

/** What a panel shows: time and memory side by side, or in a narrow window one below the other. */
function axesOf(report, limits, width) {
  const rows = report.workloads.flatMap((workload, index) => workload.rows.map(row => ({ row, limit: limits[index] })));
  const left = 16 + Math.max(...rows.map(({ row }) => textWidth(row.allocator, row.is_stage))), right = width - 8;
  const half = left + (right - left) * .56, isNarrow = width < 560;
  const strip = (values, most) => rows.some(({ row, limit }) => values(row).some(value => value > most(limit))) ? BEYOND : 8;
  const axis = (values, most, from, to) => scale(rows.flatMap(({ row, limit }) => values(row).filter(value => value <= most(limit))), [from, to - strip(values, most)], true, .02);
  const time = axis(row => row.time ? [row.time.min, row.time.median, row.time.max] : [], limit => limit.time, left, isNarrow ? right : half - 14);
  const memory = axis(row => isNumber(row.footprint_ratio) ? [row.footprint_ratio] : [], limit => limit.memory, isNarrow ? left : half + 14, right);
  return isNarrow ? [{ left, width, time }, { left, width, memory }] : [{ left, width, time, memory }];
}

function panel(workload, axes, limits, say) {
  const step = 19, isFirst = Boolean(axes.time), top = isFirst ? 40 : 6, bottom = top + workload.rows.length * step, height = bottom + 42;
  const groups = workload.rows.map((row, index) => rowOf(row, top + index * step + step / 2, axes, limits, isIdle(row.allocator, [workload])));
  roving(groups, index => rowWords(workload, workload.rows[index]), say);
  const bottomOf = (axis, label) => axis ? [bottomAxis(axis.at, axis.ticks, { top, bottom }), svg("text", { class: "soft", x: axis.at(axis.high), y: bottom + 32, "text-anchor": "end" }, label)] : [];
  const about = `${sentence(workload.about)} ${thousands(workload.n_ops)} operations, peak live ${bytes(workload.peak_live)}.`;
  return svg("svg", { viewBox: `0 0 ${axes.width} ${height}`, role: "group", "aria-label": `${workload.name}: ${[axes.time && "time", axes.memory && "footprint"].filter(Boolean).join(" and ")} of each allocator` },
    isFirst ? [svg("text", { class: "strong", x: 0, y: 16 }, workload.name), svg("text", { class: "soft", x: 0, y: 32 }, fitting(about, axes.width))] : null,
    bottomOf(axes.time, "ns per operation"), bottomOf(axes.memory, "footprint / peak live"), groups);
}

function rowOf(row, y, axes, limits, isGrey) {
  return svg("g", { "data-allocator": row.allocator },
    svg("rect", { class: "ring", x: 1, y: y - 9, width: axes.width - 2, height: 18, rx: 3 }), svg("rect", { class: "hit", x: 0, y: y - 9, width: axes.width, height: 18 }),
    svg("text", { x: axes.left - 12, y: y + 4, "text-anchor": "end", class: isGrey ? "soft" : row.is_stage ? "strong" : "" }, row.allocator),
    axes.time ? timeOf(row, y, axes, limits.time, isGrey) : null, axes.memory ? memoryOf(row, y, axes.memory, limits.memory, isGrey) : null);
}

/** What lies beyond an axis, as an arrow and a figure. */
const beyondAxis = (axis, y, text) => [arrowAt(axis.at(axis.high) + 3, y, 0), svg("text", { class: "soft", x: axis.at(axis.high) + 16, y: y + 4 }, text)];

function timeOf(row, y, { time, memory, left, width }, limit, isGrey) {
  if (!row.time) {
    const room = (memory ? memory.at(memory.low) - 16 : width) - left;
    return svg("text", { class: "soft", x: time.at(time.low) + 4, y: y + 4 }, fitting(row.notes[0] ?? "not measured", room));
  }
  const { min, max, median } = row.time, end = Math.min(max, time.high);
  const hue = isGrey ? "--hue: var(--strong)" : hueOf(row.allocator);
  return [min <= end ? svg("line", { class: "spread", style: hue, x1: time.at(min), x2: Math.max(time.at(end), time.at(min) + 1), y1: y, y2: y }) : [],
    median <= limit ? markOf(row.allocator, time.at(median), y, 4.2, isGrey) : [],
    max > limit && max > time.high ? beyondAxis(time, y, median <= limit ? `to ${short(nanos)(max)}` : short(nanos)(median)) : []];
}

function memoryOf(row, y, axis, limit, isGrey) {
  if (!isNumber(row.footprint_ratio)) return [];
  const { is_upper_bound: isAtMost } = row.footprint, hue = isGrey ? "--hue: var(--strong)" : hueOf(row.allocator);
  if (row.footprint_ratio > limit) return beyondAxis(axis, y, `${isAtMost ? "≤ " : ""}${three(row.footprint_ratio)}`);
  const x = axis.at(row.footprint_ratio);
  return [isAtMost ? svg("path", { class: "line", style: hue, d: `M${x - 6} ${y}h-10m4 -3l-4 3l4 3` }) : [], markOf(row.allocator, x, y, 4.2, isGrey)];
}

const sentence = text => /[.?!]$/.test(text) ? text : `${text}.`;

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
