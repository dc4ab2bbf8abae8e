// Reads the results that are in this page and draws everything.

async function readData() {
  const place = document.getElementById("data");
  if (place.dataset.encoding !== "deflate") return JSON.parse(place.textContent);
  return JSON.parse(new TextDecoder().decode(await inflate(fromBase64(place.textContent.trim()))));
}

function build({ report, losses, control, omitted, comparison, needs, beyond }) {
  const rows = report.workloads.flatMap(workload => workload.rows);
  const names = [...new Set(rows.map(row => row.allocator))];
  const stages = new Set(rows.filter(row => row.is_stage).map(row => row.allocator));
  const everyone = [...names, ...subjectsOf(recordsOf(report))];
  assignLooks(everyone, stages, needs);
  const first = report.workloads.length ? firstChoice(report, names) : new Set();
  // What the curves show at first has the hues and dashes that differ most.
  assignLooks([...first, ...everyone], stages, needs);
  answerLines(report.answers);
  document.body.append(patterns());
  document.getElementById("lead").textContent = `${names.length ? `${names.length} allocators on ${report.workloads.length} workload${report.workloads.length === 1 ? "" : "s"}, the same operations for each` : withoutWorkloads(report)}; ${report.machine.cpu}, ${report.machine.profile} build${report.interrupted ? "; interrupted, what was finished is here" : ""}.`;
  changesTable(comparison);
  if (report.workloads.length) {
    pareto(report);
    bars(report);
    meansTable(report);
    curves(report, names, first, beyond);
    heapFigure(report);
    labFigure(report);
    counts(report);
    lossesTable(losses);
    controlTable(control);
  }
  flat(report);
  recordTables(report);
  commandTables(report);
  limits(omitted);
  provenance(report);
}

/** The figures whose allocators can be chosen, below the boxes to choose them with. */
function curves(report, names, chosen, beyond) {
  if (!withDetail(report, detail => detail.latency?.length || detail.memory || detail.drain).length) return;
  const shown = ["latency", "memory", "drain"];
  document.getElementById("main").append(chooser(names, chosen, () => figures.filter(one => shown.includes(one.id)).forEach(one => one.redraw())));
  latency(report, chosen, beyond);
  memory(report, chosen);
  waste(report);
  drain(report, chosen);
}

function follow() {
  const redrawAll = () => figures.forEach(one => one.redraw());
  let width = innerWidth, timer;
  addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (innerWidth !== width) { width = innerWidth; redrawAll(); } }, 150);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
}

readData().then(data => {
  document.getElementById("status").remove();
  build(data);
  document.getElementById("contents").append(html("ul", {}, figures.map(one => html("li", {}, html("a", { href: `#${one.id}` }, one.title)))));
  document.getElementById("footer").append("Made by ", html("code", {}, data.report.command), ".");
  follow();
  document.documentElement.dataset.drawnIn = Math.round(performance.now());
}).catch(error => {
  document.getElementById("status").textContent = `The results in this page cannot be shown: ${error.message}`;
  throw error;
});
