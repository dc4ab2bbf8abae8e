// The operations of a log on stages that run in this page: the figure of the book.

/** The operations of the log that are shown. */
const IN_LAB = 20_000;

/** A log as a trace of the malloc lab: a call a line. */
function asRep(steps) {
  const live = new Set();
  return steps.slice(0, IN_LAB).map(({ slot, isFree, size }) => {
    const call = isFree ? "f" : live.has(slot) ? "r" : "a";
    if (isFree) live.delete(slot);
    else live.add(slot);
    return isFree ? `${call} ${slot}` : `${call} ${slot} ${size}`;
  }).join("\n");
}

/** Two stages on the first log of the report, to be stepped through. */
function labFigure(report) {
  const rows = report.workloads.flatMap(workload => workload.rows.map(row => ({ name: workload.name, row })));
  const found = rows.find(({ row }) => row.detail?.layout?.log);
  if (!found) return;
  const place = html("div", {});
  chapter("stages", "Two stages in this page", html("p", { class: "question" }, `What does each operation of ${found.name} do to a free list with first fit, and to a heap that merges? The stages run here, as in the figures of the book; their times are not measured.`), place);
  inflate(fromBase64(found.row.detail.layout.log)).then(raw => {
    const steps = decodeLog(raw), n = Math.min(IN_LAB, steps.length);
    const lab = html("heap-lab", { id: "lab", stages: "first-fit coalescing-strict", caption: `The first ${thousands(n)} operations of ${found.name}, on two stages`, at: 0 });
    lab.rep = asRep(steps);
    place.append(lab);
  });
}
