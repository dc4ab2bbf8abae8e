//! What becomes of results: printed, written, compared, put into the book.

use anyhow::{Context, Result, bail};
use bench_results::cmp::{self, Comparison, Pair};
use bench_results::gate::Gate;
use bench_results::grid::drawn;
use bench_results::{Environment, Machine, Results, lines};

use crate::cli::BenchArgs;
use crate::measure::table::details;
use crate::output::{Concluded, Outcome, is_same, is_stdout, partial_beside, remove, resuming};
use crate::output::{print, read_results, shown, write};
use crate::preload;
use crate::report::{Report, WorkloadReport, advice, markdown, table, tables};
use crate::select::workspace;

/// Writes the results of a new run, and what the options ask for beside them.
pub(super) fn publish(
    args: &BenchArgs,
    run: &Concluded<'_>,
    comparison: Option<&Comparison>,
    outcome: Outcome,
) -> Result<()> {
    if outcome != Outcome::Earlier {
        write(&outcome.place(&args.json), &lines::of(run.results)?)?;
    }
    let files = args.results.publish(run, comparison, &args.json, outcome)?;
    for file in files {
        print(is_taken(args), &format!("Written to {}.\n", shown(&file)))?;
    }
    match outcome {
        Outcome::Whole => remove_partial(args, &run.report),
        Outcome::Partial | Outcome::Earlier => Ok(()),
    }
}

/// Removes what this run, or an interrupted one of the same command, has left, since this run has all of it.
fn remove_partial(args: &BenchArgs, report: &Report) -> Result<()> {
    let left = partial_beside(&args.json).filter(|path| path.is_file());
    let left = left.and_then(|path| read_results(&path).ok());
    let is_own = |run: &Environment| is_same(&run.command, &report.command);
    if !left.is_some_and(|left| left.runs.iter().any(is_own)) {
        return Ok(());
    }
    for path in args.results.partial_files(&args.json) {
        remove(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Whether the run has results to write: an empty report is of use only to who reads its output.
pub(super) fn has_results(args: &BenchArgs, results: &Results) -> bool {
    !results.measurements.is_empty() || partial_beside(&args.json).is_none()
}

/// Says what an interrupted run has left, and how to go on.
pub(super) fn tell_interrupted(args: &BenchArgs, results: &Results) {
    let Some(partial) = partial_beside(&args.json) else {
        eprintln!("interrupted: the results are partial");
        return;
    };
    if !has_results(args, results) {
        eprintln!("interrupted before anything was measured: nothing is written");
        return;
    }
    eprintln!(
        "interrupted: what was measured is in {}; results of earlier runs are as they were",
        shown(&partial)
    );
    if args.results.save.is_some() {
        eprintln!("partial results are not saved under a name");
    }
    let commands = results.runs.iter().map(|run| &run.command);
    commands.for_each(|command| eprintln!("to go on from there: {}", resuming(command)));
}

/// Refuses to compare results of two machines.
///
/// # Errors
///
/// They are of two.
pub(super) fn check_machines(new: &Machine, old: &Results) -> Result<()> {
    let mut machines = old.runs.iter().map(|run| &run.machine);
    match machines.find(|old| *old != new) {
        Some(old) => bail!(
            "the runs are of two machines, systems or compilers: {new} now, {old} before; \
             --any-machine compares them all the same"
        ),
        None => Ok(()),
    }
}

/// Prints what changed, and returns why the gate has failed: something is worse than was allowed,
/// nothing was compared, or the run was interrupted and cannot tell.
///
/// # Errors
///
/// The runs have nothing in common.
pub(super) fn compare(
    is_taken: bool,
    fail_on: Option<f64>,
    comparison: &Comparison,
    is_interrupted: bool,
) -> Result<Vec<String>> {
    print(is_taken, &cmp::table(comparison))?;
    if comparison.pairs.is_empty() && !is_interrupted {
        bail!(cmp::nothing_in_common(&comparison.since));
    }
    let mut failures = Vec::new();
    let Some(percent) = fail_on else {
        return Ok(failures);
    };
    if comparison.is_empty() {
        failures.push(format!(
            "nothing was compared with {}: no allocator has a figure in both runs",
            comparison.since
        ));
    }
    let worse: Vec<String> = comparison
        .regressions(percent)
        .map(Pair::to_string)
        .collect();
    if !worse.is_empty() {
        failures.push(format!(
            "worse than {} by more than {percent} %, or without a figure now: {}",
            comparison.since,
            worse.join(", ")
        ));
    }
    if is_interrupted {
        failures.push(
            "the run was interrupted: what it did not reach may be worse; finish it with --resume"
                .to_string(),
        );
    }
    Ok(failures)
}

/// Prints what becomes of each gate, and returns those that are missed.
///
/// # Errors
///
/// A gate finds nothing to judge: it is no pass.
pub(super) fn judge(is_taken: bool, gates: &[Gate], results: &Results) -> Result<Vec<String>> {
    let mut missed = Vec::new();
    for gate in gates {
        match gate.judge(results) {
            Err(nothing) => bail!("a gate finds nothing to judge: {nothing}"),
            Ok(judgement) => {
                print(is_taken, &format!("- {judgement}\n"))?;
                missed.extend((!judgement.is_met).then(|| judgement.to_string()));
            }
        }
    }
    Ok(missed)
}

/// Whether standard output is for something else than tables.
pub(super) fn is_taken(args: &BenchArgs) -> bool {
    let files = [
        Some(&args.json),
        args.results.markdown.as_ref(),
        args.results.csv.as_ref(),
    ];
    files.into_iter().flatten().any(|path| is_stdout(path))
}

/// Prints the tables of everything.
pub(super) fn print_report(is_taken: bool, report: &Report) -> Result<()> {
    for workload in &report.workloads {
        print(is_taken, &workload_tables(workload))?;
    }
    for command in &report.commands {
        print(is_taken, &preload::table(command, drawn))?;
    }
    print_summary(is_taken, report)
}

/// Prints what is not of one workload or command alone.
pub(super) fn print_summary(is_taken: bool, report: &Report) -> Result<()> {
    print(is_taken, &preload::means_table(&report.commands, drawn))?;
    print(is_taken, &tables(&report.measurements, None, drawn))?;
    print(is_taken, &contest_table(report))?;
    print(is_taken, &table::summary(report))
}

/// Prints the answers of the run; nothing if it has none.
pub(super) fn print_answers(args: &BenchArgs, report: &Report) -> Result<()> {
    let lines = advice::lines(&report.answers) + &preload::answers(&report.commands);
    match lines.as_str() {
        "" => Ok(()),
        lines => print(is_taken(args), &format!("\n{lines}")),
    }
}

/// The tables and the bars of a contest; empty if there is none.
fn contest_table(report: &Report) -> String {
    let contest = report.contest;
    contest.map_or_else(String::new, |contest| contest.tables(report, drawn))
}

pub(super) fn workload_tables(workload: &WorkloadReport) -> String {
    table::workload(workload) + &details(workload)
}

pub(super) fn fill_docs(report: &Report) -> Result<()> {
    for path in markdown::fill(report, &workspace().join("docs/src"))? {
        eprintln!("filled {}", path.display());
    }
    Ok(())
}
