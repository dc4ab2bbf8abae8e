// What has no trace: micro-benchmarks, and commands under preloaded libraries.

const UNITS = { nanoseconds: "ns", instructions: "instructions", mebibytes: "MiB", kibibytes: "KiB", bytes: "B", per_thousand: "‰" };

/** What a page without workloads is about. */
function withoutWorkloads(report) {
  if (report.global?.length) return "Micro-benchmarks of what a whole program runs on";
  if (report.commands?.length) return "Commands under preloaded libraries";
  return "Cost against live blocks";
}

function globalTables(report) {
  if (!report.global?.length) return;
  const doors = [["Compiled in", one => !one.is_preloaded], ["Preloaded", one => one.is_preloaded || one.allocator === "libc"]];
  const tables = doors.map(([title, admits]) => [title, report.global.map(row => [row, row.figures.filter(admits)])]).filter(([, rows]) => rows[0][1].length > 1);
  chapter("global", "Without a trace", html("p", { class: "question" }, "Medians; less is better in every row."),
    tables.map(([title, rows]) => html("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, tableOf(title,
      [["row"], ["unit"], ...rows[0][1].map(one => [one.allocator, three]), ["loop", three]],
      rows.map(([row, figures]) => [row.label, UNITS[row.unit], ...figures.map(one => middle(one.values)), row.loop_ns])))));
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
