// What has no trace: records of micro-benchmarks, arenas, heaps and adversaries, and commands under preloaded libraries.

/** What a page without workloads is about. */
function withoutWorkloads(report) {
  if (recordsOf(report).length) return "Without a trace";
  return "Commands under preloaded libraries";
}

const recordsOf = report => report.measurements ?? [];
const subjectsOf = records => [...new Set(records.map(one => one.subject.name))];
const medianOf = one => one?.outcome.samples?.length ? middle(one.outcome.samples) : null;
const nameOf = one => [one.case.name, ...Object.entries(one.case.params ?? {}).map(([name, value]) => `${name}=${value}`)].join(" ");

/** A table for each figure: a line for each case, a column for each subject. */
function recordTables(report) {
  const records = recordsOf(report);
  if (!records.length) return;
  chapter("records", "Without a trace", html("p", { class: "question" }, "Medians."), [...new Set(records.map(one => one.metric))].map(metric => {
    const own = records.filter(one => one.metric === metric), subjects = subjectsOf(own), cases = new Map();
    for (const one of own) cases.set(nameOf(one), (cases.get(nameOf(one)) ?? new Map()).set(one.subject.name, one));
    return html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": metric }, tableOf(metric, [["case"], ...subjects.map(name => [name, three])],
      [...cases].map(([name, found]) => [name, ...subjects.map(subject => medianOf(found.get(subject)))])));
  }));
}

function commandTables(report) {
  if (!report.commands?.length) return;
  const libraries = report.commands[0].rows.map(row => row.allocator);
  const measures = [["CPU time", "cpu", "ms", 1e3], ["Peak resident memory", "peak_rss", "MiB", 2 ** -20]];
  chapter("commands", "Real commands", html("p", { class: "question" }, "Medians. Peak memory is that of the largest process."),
    measures.map(([title, field, unit, scale]) => html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, tableOf(`${title}, ${unit}`,
      [["command"], ...libraries.map(name => [name, three]), ["notes"]],
      report.commands.map(command => [command.command, ...command.rows.map(row => row[field] && row[field].median * scale),
        command.rows.flatMap(row => row.notes.map(note => `${row.allocator}: ${note}`)).join("; ")])))));
}
