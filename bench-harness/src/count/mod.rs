//! Counts what a recorded program asks of an allocator, without a clock, and holds it to an earlier count: a gate
//! for continuous integration.
//!
//! Two versions of a program make other calls, so that their traces have no work in common and `bench --baseline`
//! does not compare them. Here both are the same case: the program, by its name.
//!
//! | figure | of | |
//! |---|---|---|
//! | `allocations`, `resizes` | the program | calls |
//! | `allocated` | the program | bytes requested in all |
//! | `peak_live` | the program | bytes requested and not freed, at most |
//! | `footprint`, `resident` | each allocator | bytes that it needs for that |
//! | `fragmentation` | each allocator | the same over `peak_live` |
//! | `instructions` | each allocator | of a call, with `--instructions` |

mod args;
mod calls;

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};
use bench_results::cmp::{self, Comparison, Pair};
use bench_results::{
    Case, Family, Linkage, Measurement, Outcome, Results, Role, Subject, Suite, lines, metric,
};

use crate::allocators::Entry;
use crate::bench::Bench;
use crate::commands::environment;
use crate::job::Question;
use crate::limits::Budget;
use crate::measure::callgrind::can_count;
use crate::output::{progress, read_results};
use crate::report::WorkloadReport;
use crate::report::records::{self, Records};
use crate::select::{Selected, Wishes};
use crate::trace::Trace;
pub use args::CountArgs;
use calls::Calls;

/// What the program itself is called among subjects.
const PROGRAM: &str = "program";

/// What of a replay depends on no clock, beside the figures of the program.
const WITHOUT_A_CLOCK: [&str; 3] = ["footprint", "resident", "instructions"];

/// Something is worse than was allowed.
const FAILED: u8 = 1;

/// `count`.
///
/// # Errors
///
/// The trace or the baseline cannot be read, or results cannot be written.
pub(crate) fn run(args: &CountArgs) -> Result<ExitCode> {
    let trace = Trace::load(&args.trace)?;
    let name = args.name.clone().unwrap_or_else(|| trace.name.clone());
    let case = Case::new(Suite::Program, &name);
    let results = results(replayed(args)?, &case, Calls::of(&trace));
    let mut text = format!(
        "{name}: what it asks of an allocator\n\n{}",
        table(&results)
    );
    let mut failures = Vec::new();
    if let Some(path) = &args.baseline {
        let before = read_results(path)?;
        let since = path.display().to_string();
        let comparison = Comparison::of(&results, &before, &since, &[])?;
        text += &cmp::table(&comparison);
        failures = worse(&comparison, args.fail_on);
    }
    for failure in &failures {
        writeln!(text, "{failure}")?;
    }
    print!("{text}");
    if let Some(path) = &args.records {
        lines::append(path, &results)?;
    }
    if let Some(path) = &args.summary {
        let file = File::options().append(true).create(true).open(path);
        let mut file = file.with_context(|| format!("cannot write {}", path.display()))?;
        writeln!(file, "```text\n{text}```")?;
    }
    Ok(match failures.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(FAILED),
    })
}

/// What is worse than the baseline by more than `percent`, or cannot be compared.
fn worse(comparison: &Comparison, percent: Option<f64>) -> Vec<String> {
    let Some(percent) = percent else {
        return Vec::new();
    };
    if comparison.is_empty() {
        return vec![format!(
            "FAILED: nothing is compared with {}",
            comparison.since
        )];
    }
    let worse = comparison.regressions(percent);
    worse
        .map(|pair: &Pair| format!("FAILED: {pair} is worse by more than {percent} %"))
        .collect()
}

/// The trace on each allocator.
fn replayed(args: &CountArgs) -> Result<Results> {
    let wishes = Wishes {
        allocators: args.stage.clone(),
        traces: vec![args.trace.clone()],
        ..Wishes::default()
    };
    let entries = wishes.allocators()?;
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let workloads = wishes.workloads(&scratch)?;
    let replayed = workloads
        .first()
        .and_then(|first| replay(args, &entries, first));
    Ok(Results {
        runs: vec![environment(&entries, &[], 0, 1)?],
        ..replayed.map_or_else(Results::default, |one| {
            records::all_of(&one, Records::workload)
        })
    })
}

fn replay(args: &CountArgs, entries: &[Entry], selected: &Selected) -> Option<WorkloadReport> {
    let questions = match args.instructions && can_count() && !selected.is_threaded {
        true => &[Question::Instructions][..],
        false => &[],
    };
    let rows: Vec<&Entry> = entries.iter().collect();
    let bar = progress(Bench::n_children(rows.len(), questions.len(), 0));
    let bench = Bench {
        entries: &rows,
        questions,
        reps: 0,
        cut: None,
        budget: &Budget::strict(Duration::from_secs(300)),
        interrupted: &AtomicBool::new(false),
        progress: &bar,
    };
    let report = bench.measure(selected, 1);
    bar.finish_and_clear();
    report
}

/// The figures of the program, and of each allocator on it.
fn results(replays: Results, case: &Case, calls: Calls) -> Results {
    let mut results = Results {
        runs: replays.runs,
        ..Results::default()
    };
    results.runs[0].seconds = Some(0.0);
    let mut add = |subject: &Subject, metric: &str, outcome: Outcome| {
        let one = records::measured(subject, case, metric, outcome);
        results.measurements.push(one);
    };
    let program = Subject::new(PROGRAM, Role::Control, Family::Process, Linkage::Linked);
    for (metric, figure) in calls.figures() {
        add(&program, metric, Outcome::one(figure));
    }
    let is_wanted = |one: &Measurement| WITHOUT_A_CLOCK.contains(&one.metric.as_str());
    for one in replays.measurements.into_iter().filter(is_wanted) {
        add(&one.subject, &one.metric, one.outcome.clone());
        if let (Some(bytes), true) = (one.outcome.median(), one.metric != "instructions") {
            let over_live = bytes / calls.peak_live.max(1) as f64;
            add(&one.subject, "fragmentation", Outcome::one(over_live));
        }
    }
    results
}

/// A line for each figure.
fn table(results: &Results) -> String {
    let line = |one: &Measurement| {
        let known = metric::find(&one.metric).ok()?;
        let figure = one.outcome.median().map_or_else(
            || one.outcome.why().to_string(),
            |median| known.text(median),
        );
        Some(format!(
            "{:14} {:14} {figure}\n",
            one.subject.name, one.metric
        ))
    };
    results.measurements.iter().filter_map(line).collect()
}
