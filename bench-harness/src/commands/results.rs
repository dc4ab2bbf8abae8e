//! What becomes of results: printed, written, compared, put into the book.

use anyhow::{Context, Result, bail};
use bench_results::Results;
use bench_results::cmp::{self, Comparison, Pair};
use bench_results::gate::Gate;
use bench_results::grid::drawn;

use super::mode::Mode;
use super::run::command_line;
use crate::bench::Bench;
use crate::cli::{BenchArgs, MergeArgs};
use crate::measure::table::details;
use crate::output::{Outcome, ResultArgs, partial_beside, remove};
use crate::output::{is_stdout, print, read_report, shown, write_json};
use crate::preload;
use crate::report::{Report, WorkloadReport, advice, markdown, table, tables};
use crate::resume;
use crate::select::workspace;
use crate::shard::merge;

/// Writes the results of a new run, and what the options ask for beside them.
pub(super) fn publish(
    args: &BenchArgs,
    report: &Report,
    comparison: Option<&Comparison>,
    outcome: Outcome,
) -> Result<()> {
    if outcome != Outcome::Earlier {
        write_json(&outcome.place(&args.json), report)?;
    }
    let files = args
        .results
        .publish(report, comparison, &args.json, outcome)?;
    for file in files {
        print(is_taken(args), &format!("Written to {}.\n", shown(&file)))?;
    }
    match outcome {
        Outcome::Whole => remove_partial(args, report),
        Outcome::Partial | Outcome::Earlier => Ok(()),
    }
}

/// Removes what an interrupted run of the same command has left, since this run has all of it.
fn remove_partial(args: &BenchArgs, report: &Report) -> Result<()> {
    let left = partial_beside(&args.json).and_then(|path| read_report(&path).ok());
    if !left.is_some_and(|left| resume::is_same(&left.command, &report.command)) {
        return Ok(());
    }
    for path in args.results.partial_files(&args.json) {
        remove(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Whether the run has results to write: an empty report is of use only to who reads its output.
pub(super) fn has_results(args: &BenchArgs, report: &Report) -> bool {
    let is_empty =
        report.workloads.is_empty() && report.measurements.is_empty() && report.commands.is_empty();
    !is_empty || partial_beside(&args.json).is_none()
}

/// Says what an interrupted run has left, and how to go on.
pub(super) fn tell_interrupted(args: &BenchArgs, report: &Report) {
    let Some(partial) = partial_beside(&args.json) else {
        eprintln!("interrupted: the results are partial");
        return;
    };
    if !has_results(args, report) {
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
    if Mode::of(args).can_be_resumed() {
        eprintln!("to go on from there: {}", resume::resuming(&report.command));
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

pub(super) fn print_report(is_taken: bool, report: &Report) -> Result<()> {
    for workload in &report.workloads {
        print(is_taken, &workload_tables(workload))?;
    }
    for command in &report.commands {
        print(is_taken, &preload::table(command, drawn))?;
    }
    print(is_taken, &preload::means_table(&report.commands, drawn))?;
    print(is_taken, &tables(&report.measurements, None, drawn))?;
    print(is_taken, &contest_table(report))?;
    print(is_taken, &table::summary(report))
}

/// Prints the answers of the run; nothing if it has none.
pub(super) fn print_answers(args: &BenchArgs, report: &Report) -> Result<()> {
    match advice::lines(&report.answers).as_str() {
        "" => Ok(()),
        lines => print(is_taken(args), &format!("\n{lines}")),
    }
}

/// The tables and the bars of a contest; empty if there is none.
pub(super) fn contest_table(report: &Report) -> String {
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

/// Writes what is done so far and what is `known` of the rest beside the results of the last whole run,
/// marked as interrupted: so it is if nothing follows.
pub(super) fn keep<'a>(
    args: &BenchArgs,
    bench: &Bench<'_>,
    report: &Report,
    known: impl Iterator<Item = &'a WorkloadReport>,
) {
    let Some(path) = partial_beside(&args.json) else {
        return;
    };
    let mut partial = report.clone();
    partial.workloads.extend(known.cloned());
    partial.interrupted = true;
    partial.seconds += bench.budget.elapsed().as_secs_f64();
    if let Err(error) = write_json(&path, &partial.summarised()) {
        bench
            .progress
            .suspend(|| eprintln!("warning: {error:#}; the run goes on"));
    }
}

/// `bench merge`.
pub(super) fn merge(args: &MergeArgs) -> Result<()> {
    let parts = args.files.iter().map(|path| read_report(path));
    let (mut whole, warnings) = merge::merge(parts.collect::<Result<_>>()?)?;
    whole.command = command_line();
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
    write_json(&args.output, &whole)?;
    let results = ResultArgs::default();
    let files = results.publish(&whole, None, &args.output, Outcome::Whole)?;
    print(is_stdout(&args.output), &table::summary(&whole))?;
    for file in files {
        print(
            is_stdout(&args.output),
            &format!("Written to {}.\n", shown(&file)),
        )?;
    }
    let lines = advice::lines(&whole.answers);
    print(is_stdout(&args.output), &format!("\n{lines}"))
}
