// Tails, memory over time, fragmentation, drain: what the details of the rows show as curves.

/** Field, title, and the number of calls of which one lies beyond. */
const PERCENTILES = [["p50", "median", 2], ["p90", "90 %", 10], ["p99", "99 %", 100], ["p99_9", "99.9 %", 1e3], ["p99_99", "99.99 %", 1e4]];
const KINDS = { allocate: "allocations", resize: "resizes", free: "frees" };

const missing = what => html("p", { class: "note" }, `Not measured in this run: ${what}.`);

/** The workloads with a detail, and a choice of one of them. */
function withDetail(report, has) {
  return report.workloads.filter(workload => workload.rows.some(row => has(row.detail ?? {}))).map(workload => workload.name);
}

const workloadOf = (report, name) => report.workloads.find(workload => workload.name === name);
const rowsOf = (report, name, chosen) => workloadOf(report, name).rows.filter(row => chosen.has(row.allocator));

/** The times that a sample supports: those beyond which `beyond` calls lie. */
const supported = (times, beyond) => PERCENTILES.map(([field, , oneIn]) => times.n >= oneIn * beyond ? times[field] : null);

function latency(report, chosen, beyond) {
  const names = withDetail(report, detail => detail.latency?.length);
  if (!names.length) return;
  let [workload, kind, size] = [names[0], "allocate", "all"];
  const classes = [...new Set(report.workloads.flatMap(one => one.rows.flatMap(row => (row.detail?.latency ?? []).map(found => found.size_up_to ?? 0))))].sort((a, b) => a - b);
  const found = row => row.detail?.latency?.find(one => one.kind === kind && (one.size_up_to ?? "all") === (size === "all" ? "all" : Number(size)));
  const draw = (width, say) => {
    const rows = rowsOf(report, workload, chosen).filter(found);
    if (!rows.length) return missing(`${KINDS[kind]} of this size by the chosen allocators`);
    const times = rows.map(row => supported(found(row), beyond)), shown = PERCENTILES.filter((_, index) => times.some(one => one[index] !== null));
    const titles = [...shown.map(one => one[1]), "slowest"], stops = titles.map((_, x) => x), atLeast = time => Math.max(time, .1);
    const lines = rows.map((row, index) => ({ name: row.allocator, lone: [[shown.length, atLeast(found(row).max)]],
      points: shown.map((one, x) => [x, times[index][PERCENTILES.indexOf(one)]]).filter(point => point[1] !== null).map(([x, time]) => [x, atLeast(time)]) }));
    const n = Math.max(...rows.map(row => found(row).n));
    return chart({ width, say, lines, stops, isLogY: true, isExact: true, xTicks: stops, xFormat: x => titles[x], xLabel: `of ${thousands(n)} ${KINDS[kind]}`,
      yLabel: "service time, logarithmic", yFormat: nanos, value: nanos, at: x => `${titles[x]} of ${KINDS[kind]}`, name: "Service times by percentile" });
  };
  const redraw = figure({ id: "latency", title: "Tails", question: "How slow is the slow call? The median says nothing of it.",
    controls: [choice("Workload", names.map(name => [name, name]), workload, value => { workload = value; redraw(); }),
      choice("Calls", Object.entries(KINDS), kind, value => { kind = value; redraw(); }),
      choice("Sizes", [["all", "all sizes"], ...classes.filter(Boolean).map(limit => [String(limit), `up to ${bytes(limit)}`])], size, value => { size = value; redraw(); })],
    draw, caption: `A percentile is shown where at least ${beyond} calls lie beyond it: 99.9 % needs ${thousands(1e3 * beyond)} calls, 99.99 % needs ${thousands(1e4 * beyond)}. The slowest call, one of all, stands alone. Service times with the clock’s own cost taken off: a replay does not wait in a queue, so these are no latencies under load.`,
    table: () => tableOf(`Service times of ${workload}, in ns`, [["allocator"], ["calls"], ["sizes up to"], ["n", thousands], ...PERCENTILES.map(one => [one[1], three]), ["slowest", three]],
      workloadOf(report, workload).rows.flatMap(row => (row.detail?.latency ?? []).map(one => [row.allocator, one.kind, one.size_up_to ? bytes(one.size_up_to) : "all", one.n, ...supported(one, beyond), one.max]))) });
}

const QUANTITIES = { resident: "resident memory", external: "external fragmentation", internal: "internal fragmentation" };

/** One quantity of a moment. What a heap in given memory has touched is what would be resident of it. */
function quantity(moment, what) {
  if (what === "resident") return moment.resident ?? moment.footprint;
  if (what !== "internal") return moment[what];
  if (!moment.waste) return null;
  const waste = Object.values(moment.waste).reduce((sum, part) => sum + part, 0);
  return waste / Math.max(1, waste + moment.live);
}

function memory(report, chosen) {
  const names = withDetail(report, detail => detail.memory?.moments.length);
  if (!names.length) return;
  let [workload, what] = [names[0], "resident"];
  const isBytes = () => what === "resident";
  const draw = (width, say) => {
    const rows = rowsOf(report, workload, chosen).filter(row => row.detail?.memory);
    const lines = rows.map(row => ({ name: row.allocator, points: row.detail.memory.moments.map(moment => [moment.op, quantity(moment, what)]).filter(point => isNumber(point[1])) })).filter(line => line.points.length);
    if (!lines.length) return missing(`${QUANTITIES[what]} of the chosen allocators on this workload`);
    const moments = rows[0].detail.memory.moments;
    return chart({ width, say, lines, stops: moments.map(moment => moment.op), areas: isBytes() ? [{ label: "live", points: moments.map(moment => [moment.op, moment.live]) }] : [],
      xLabel: "operations", yLabel: isBytes() ? `${QUANTITIES[what]}; the grey area is live bytes` : QUANTITIES[what], yTicks: isBytes() ? byteTicks : undefined,
      yFormat: isBytes() ? bytes : percent, value: isBytes() ? bytes : percent, at: op => `After ${thousands(op)} operations`, name: `${QUANTITIES[what]} over operations` });
  };
  const redraw = figure({ id: "memory", title: "Memory over time", question: "Does memory follow what the program holds, or does it only grow? And how much of it is holes?",
    controls: [choice("Workload", names.map(name => [name, name]), workload, value => { workload = value; redraw(); }), choice("Show", Object.entries(QUANTITIES), what, value => { what = value; redraw(); })],
    draw, caption: "Internal: the part of used blocks that nobody asked for. External: 1 − largest free block / free bytes. Both need a heap walk. Resident: what the process has in memory beyond an empty one, every page of every block touched; of a heap in given memory or an arena, the pages in which blocks have lain so far. Address space that is reserved only does not count.",
    table: () => tableOf(`F1 to F4 of ${workload}: four ratios of footprint to live bytes, and the last sample`, [["allocator"], ["F1", ratio], ["F2", ratio], ["F3", ratio], ["F4", ratio], ["resident at the end", bytes], ["live at the end", bytes], ["internal at the end", percent], ["external at the end", percent]],
      workloadOf(report, workload).rows.filter(row => row.detail?.memory).map(row => {
        const { moments, f1, f2, f3, f4 } = row.detail.memory, last = moments[moments.length - 1] ?? {};
        return [row.allocator, f1, f2, f3, f4, quantity(last, "resident"), last.live, last.waste ? quantity(last, "internal") : null, last.external];
      })) });
}

const WASTES = [["header", "headers", "dots"], ["padding", "padding for alignment", "crosses"], ["rounding", "rounding", "slants"], ["slack", "slack of unsplit holes", "bars"]];

/** Where internal fragmentation comes from, in one allocator. */
function waste(report) {
  const has = detail => detail.memory?.moments.some(moment => moment.waste);
  const names = withDetail(report, has);
  if (!names.length) return;
  let workload = names[0], allocator = null;
  const able = () => workloadOf(report, workload).rows.filter(row => has(row.detail ?? {}));
  const current = () => able().find(row => row.allocator === allocator) ?? able()[able().length - 1];
  const stack = row => {
    const moments = row.detail.memory.moments.filter(moment => moment.waste);
    let base = moments.map(moment => [moment.op, 0]);
    return WASTES.map(([field, label, pattern]) => {
      const points = moments.map((moment, index) => [moment.op, base[index][1] + moment.waste[field]]);
      const area = { label, pattern, points, base, own: moments.map(moment => [moment.op, moment.waste[field]]) };
      base = points;
      return area;
    });
  };
  const draw = (width, say) => {
    const row = current(), areas = stack(row);
    const own = op => areas.map(area => `${area.label} ${bytes(nearest(area.own, op)[1])}`).join(", ");
    return html("div", {}, chart({ width, say: () => {}, lines: [], areas, stops: areas[0].points.map(point => point[0]), xLabel: "operations", yLabel: `bytes in used blocks of ${row.allocator} that nobody asked for`,
      yTicks: byteTicks, yFormat: bytes, value: bytes, at: op => { say(`After ${thousands(op)} operations: ${own(op)}.`); return `After ${thousands(op)} operations`; }, name: "Internal fragmentation by reason" }),
      html("div", { class: "key" }, WASTES.map(([, label, pattern]) => html("span", {}, svg("svg", { class: "swatch", viewBox: "0 0 34 14", "aria-hidden": "true" }, svg("rect", { width: 34, height: 14, fill: `url(#${pattern})` })), label))));
  };
  const redraw = figure({ id: "waste", title: "Why blocks are larger than requests", question: "What is internal fragmentation made of?",
    controls: [choice("Workload", names.map(name => [name, name]), workload, value => { workload = value; redraw(); }),
      choice("Allocator", able().map(row => [row.allocator, row.allocator]), current().allocator, value => { allocator = value; redraw(); })],
    draw, table: () => tableOf(`${current().allocator} on ${workload}`, [["operations"], ["live", bytes], ...WASTES.map(one => [one[1], bytes]), ["external", percent]],
      current().detail.memory.moments.filter(moment => moment.waste).map(moment => [moment.op, moment.live, ...WASTES.map(one => moment.waste[one[0]]), moment.external])) });
}

/** Cost against the number of live blocks. */
function flat(report) {
  const cases = recordsOf(report).filter(one => one.case.suite === "kernel" && one.case.name === "live" && one.metric === "time");
  if (!cases.length) return;
  const stops = [...new Set(cases.map(one => Number(one.case.params.n)))].sort((a, b) => a - b);
  const lines = subjectsOf(cases).map(name => ({ name, points: stops.map(n => [n, medianOf(cases.find(one => one.subject.name === name && Number(one.case.params.n) === n))]) }));
  figure({ id: "flat", title: "Cost against live blocks", question: "Does an operation cost more when more blocks are live? Caches alone make it so: compare with the null controls.",
    draw: (width, say) => chart({ width, say, lines: lines.map(line => ({ ...line, points: line.points.filter(point => isNumber(point[1])) })).filter(line => line.points.length),
      stops, xTicks: stops, xFormat: thousands, isLogX: true, isLogY: true, xLabel: "live blocks, logarithmic", yLabel: "ns per operation, logarithmic", yFormat: nanos, value: nanos, at: n => `With ${thousands(n)} blocks live`, name: "Cost against live blocks" }),
    table: () => tableOf("ns per operation", [["allocator"], ...stops.map(stop => [`${thousands(stop)} live`, three])], lines.map(line => [line.name, ...line.points.map(point => point[1])])) });
}

const DRAIN = [["before", "all live", "live"], ["at_once", "all freed", "freed"], ["after_100ms", "100 ms later", "+0.1 s"], ["after_1s", "1 s later", "+1 s"], ["after_5s", "5 s later", "+5 s"]];

function drain(report, chosen) {
  const names = withDetail(report, detail => detail.drain);
  if (!names.length) return;
  let workload = names[0];
  const draw = (width, say) => {
    const lines = rowsOf(report, workload, chosen).filter(row => row.detail?.drain).map(row => ({ name: row.allocator, points: DRAIN.map(([field], x) => [x, row.detail.drain[field]]).filter(point => isNumber(point[1])) }));
    if (!lines.length) return missing("resident memory after drain of the chosen allocators");
    const n_stops = Math.max(...lines.map(line => line.points.length)), stops = DRAIN.slice(0, n_stops).map((_, x) => x);
    return chart({ width, say, lines, stops, xTicks: stops, xFormat: x => DRAIN[x][2], yLabel: "resident bytes beyond an empty process", yTicks: byteTicks, yFormat: bytes, value: bytes, at: x => DRAIN[x][1], name: "Resident memory after everything is freed" });
  };
  const redraw = figure({ id: "drain", title: "After everything is freed", question: "Does memory go back to the system, and when?",
    controls: [choice("Workload", names.map(name => [name, name]), workload, value => { workload = value; redraw(); })], draw,
    table: () => tableOf(`Resident memory of ${workload}`, [["allocator"], ...DRAIN.map(one => [one[1], bytes])],
      workloadOf(report, workload).rows.filter(row => row.detail?.drain).map(row => [row.allocator, ...DRAIN.map(([field]) => row.detail.drain[field])])) });
}
