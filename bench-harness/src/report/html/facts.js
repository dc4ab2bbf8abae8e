// What is said in words: the answer, what can be counted, what is lost, what is not shown, where it comes from.

/** The answer, a sentence for each need; nothing if the report has none. */
function answerLines(answers) {
  document.getElementById("answers").append(...(answers ?? []).map(({ sentence, pick }) => html("p", {}, emphasised(sentence, pick?.allocator))));
}

/** A sentence in parts, with a name in it emphasised where it stands first as a word. */
function emphasised(sentence, name) {
  const [before, ...after] = name ? sentence.split(new RegExp(`(?<![\\w-])${name.replace(/\W/g, "\\$&")}(?![\\w-])`)) : [sentence];
  return after.length ? [before, html("strong", {}, name), sentence.slice(before.length + name.length)] : [sentence];
}

function counts(report) {
  const rows = report.workloads.flatMap(workload => workload.rows.filter(row => row.detail?.counts).map(row => [workload, row]));
  if (!rows.length) return;
  chapter("counts", "What can be counted", html("p", { class: "question" }, "Counts do not depend on the machine’s mood: a change of one is a change of the code."),
    report.workloads.filter(workload => workload.rows.some(row => row.detail?.counts)).map((workload, index) => html("details", { open: index === 0 ? "" : null }, html("summary", {}, workload.name),
      html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Counts of ${workload.name}` }, tableOf(`${workload.name}, per operation where nothing else is said`,
        [["allocator"], ["instructions", count], ["system calls of the run", count], ["probes per allocation", count], ["splits", count], ["merges", count]],
        workload.rows.filter(row => row.detail?.counts).map(row => { const c = row.detail.counts; return [row.allocator, c.instructions, c.system_calls, c.probes, c.splits, c.merges]; }), name => lookOf(name)?.isStage)))));
}

function meansTable(report) {
  if (!report.means.length) return;
  chapter("means", "Means", html("p", { class: "question" }, "Geometric means over the workloads that each allocator completed. Means over different workloads cannot be compared: look at the counts."),
    html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Means" }, tableOf("Time over libc’s, footprint over peak live bytes", [["allocator"], ["time / libc", ratio], ["of", count], ["threads: wall clock / libc", ratio], ["of", count], ["footprint / peak live", ratio], ["of", count]],
      report.means.map(mean => [mean.allocator, mean.time_ratio, mean.n_timed, mean.wall_ratio ?? null, mean.n_wall_timed ?? null, mean.footprint_ratio, mean.n_footprints]), name => lookOf(name)?.isStage)));
}

const VERDICTS = change => change === null ? "not comparable" : change.interval.low > 1 ? "more" : change.interval.high < 1 ? "less" : "no change within noise";

/** A ratio and its interval as changes in per cent. */
function changeWords(change) {
  if (!change) return null;
  const signed = ratio => `${ratio < 1 ? "−" : "+"}${Math.abs((ratio - 1) * 100).toFixed(1)}`;
  return `${signed(change.ratio)} % (${signed(change.interval.low)} … ${signed(change.interval.high)})`;
}

function changesTable(comparison) {
  if (!comparison) return;
  const weight = ({ change, lost }) => lost ? Infinity : change && VERDICTS(change) !== "no change within noise" ? Math.abs(Math.log(change.ratio)) : 0;
  const pairs = [...comparison.pairs].sort((a, b) => weight(b) - weight(a));
  const notes = [...comparison.warnings.map(warning => `Warning: ${warning}.`), ...comparison.not_compared];
  chapter("changes", `What changed since ${comparison.since}`, html("p", { class: "question" }, "Changes with intervals at 95 %, the largest first. Where an interval holds zero, the two runs cannot be told apart."),
    notes.length ? html("ul", {}, notes.map(note => html("li", {}, note))) : null,
    html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Changes" }, tableOf("This run against the earlier one", [["case"], ["allocator"], ["figure"], ["change", String], ["is"]],
      pairs.map(pair => [pair.case, pair.subject, pair.metric, changeWords(pair.change), pair.lost ?? VERDICTS(pair.change)]))));
}

function lossesTable(losses) {
  const figureOf = (loss, value) => loss.metric === "time" ? nanos(value) : ratio(value);
  chapter("losses", "Where the stages lose", html("p", { class: "question" }, losses.length
    ? "On these workloads an allocator by others is better than every stage of this workspace."
    : "In this run no allocator by others was better than every stage, in time or in footprint, on any workload."),
    losses.length ? html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Losses" }, tableOf("The best of the others against the best stage", [["workload"], ["in"], ["best"], ["figure"], ["best stage"], ["its figure"], ["factor", ratio], ["sure?"]],
      losses.map(loss => [loss.case, loss.metric === "time" ? "time" : "footprint", loss.best[0], figureOf(loss, loss.best[1]), loss.stage?.[0] ?? "none completed it", loss.stage ? figureOf(loss, loss.stage[1]) : null,
        loss.stage ? loss.stage[1] / loss.best[1] : null, { too_close: "too close to tell", too_few: "too few times to tell" }[loss.worth] ?? "yes"]))) : null);
}

function controlTable(control) {
  if (!control.length) return;
  const isHeld = one => one.interval.low <= 1 && 1 <= one.interval.high;
  chapter("control", "How far apart is the same?", html("p", { class: "question" }, `libc-again is libc’s malloc once more. A difference between the two is what nothing looks like; it is smaller than its interval on ${control.filter(isHeld).length} of ${control.length} workloads.`),
    html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Control arm" }, tableOf("Time of libc-again over libc’s, with an interval at 95 %", [["workload"], ["change", String], ["within noise"]],
      control.map(one => [one.workload, changeWords(one), isHeld(one) ? "yes" : "no"]))));
}

function limits(omitted) {
  const points = [
    "A program’s own run time. A replay has the caches to itself, and what a program does between its calls is not in it.",
    "Latency under load. Calls follow each other without a queue; times are service times.",
    "Years. Traces are of seconds to minutes; some heaps fall apart in weeks.",
    "Fixed heaps pay for their pages before the clock starts, allocators that ask the OS do not: a bias for the former.",
    "A footprint of a heap in given memory is the smallest in which the trace completes; of a process allocator, resident memory, which comes in pages. Compare like with like.",
    "Your program. Record it and see.",
    ...omitted,
  ];
  chapter("limits", "What this does not show", html("ul", {}, points.map(point => html("li", {}, point))));
}

function provenance(report) {
  const machine = report.machine;
  const facts = [["Command", html("code", {}, report.command)], ["Processor", `${machine.cpu}, ${machine.n_cpus} CPUs`], ["System", `Linux ${machine.kernel}, huge pages ${machine.huge_pages}, ${machine.libc}`],
    ["Compiler", `${machine.rustc}, ${machine.profile} build`], ["Repetitions", `${report.reps}, interleaved`], ["Seed", String(report.seed)], ["Took", `${thousands(report.seconds)} s${report.interrupted ? ", interrupted: only finished workloads are here" : ""}`],
    ["Allocators", report.versions.map(version => version.join(" ")).join(", ") || "–"]];
  chapter("provenance", "Where this comes from", html("dl", {}, facts.map(([name, value]) => [html("dt", {}, name), html("dd", {}, value)])),
    html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Workloads" }, tableOf("Workloads", [["workload"], ["what it is"], ["fingerprint"], ["operations", thousands], ["peak live", bytes], ["heap of fixed ones", bytes], ["harness, ns/op", three]],
      report.workloads.map(workload => [workload.name, workload.about, workload.fingerprint === null ? null : workload.fingerprint.toString(16).padStart(8, "0"), workload.n_ops, workload.peak_live, workload.room, workload.harness_ns]))));
}
