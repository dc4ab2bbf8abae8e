//! `bench list`.

use std::io::{self, Write};

use anyhow::Result;
use bench_results::grid::new_table;

use crate::allocators::{self, Role};
use crate::closed_loop::{self, Challenge};
use crate::contest::Contest;
use crate::global::Row;
use crate::output::Choice;
use crate::preload::Library;
use crate::programs::Program;
use crate::select::shipped_traces;
use crate::workloads::{THREADED, WORKLOADS};

/// Allocators and workloads with a line on each.
pub(super) fn list(preload: &[Library]) -> Result<()> {
    let mut allocators = new_table(&["allocator", "category", "package", "how it works"]);
    let preloaded = preload.iter().filter_map(Library::entry);
    for entry in allocators::all()
        .into_iter()
        .chain(preloaded)
        .filter(|entry| entry.role != Role::Hidden)
    {
        let package = match &entry.preload {
            Some(path) => path.display().to_string(),
            None => format!(
                "{} {}",
                entry.package,
                entry.version.unwrap_or("of the system")
            ),
        };
        allocators.add_row([
            entry.name,
            &entry.category.to_string(),
            &package,
            entry.about,
        ]);
    }
    let mut workloads = new_table(&["workload", "what it is", "exposes"]);
    for (name, path) in shipped_traces()? {
        let trace = crate::trace::Trace::load(path)?;
        workloads.add_row([name, crate::select::about(&trace), String::new()]);
    }
    for workload in WORKLOADS {
        let exposed = format!("{}: {}", workload.exposes, workload.weakness);
        workloads.add_row([workload.name, workload.question, &exposed]);
    }
    for workload in THREADED {
        let exposed = format!("{}: {}", workload.exposes, workload.weakness);
        workloads.add_row([workload.name, workload.question, &exposed]);
    }
    let mut challenges = new_table(&["with --closed-loop", "what it is"]);
    for challenge in Challenge::all(0) {
        challenges.add_row([
            challenge.name().as_str(),
            closed_loop::question(&challenge.name()),
        ]);
    }
    let mut contests = new_table(&["with --contest", "what it is"]);
    for contest in Contest::all() {
        contests.add_row([contest.name(), contest.about()]);
    }
    let mut rows = new_table(&["with --global", "what it is"]);
    for row in Row::all() {
        rows.add_row([row.name(), row.about()]);
    }
    let mut programs = new_table(&["with --programs", "what it does", "package"]);
    for program in Program::all() {
        programs.add_row([program.name(), program.about(), program.packages()]);
    }
    let mut stdout = io::stdout();
    for table in [allocators, workloads, challenges, contests, rows, programs] {
        let _ = writeln!(stdout, "{table}\n");
    }
    Ok(())
}
