//! What becomes of results: printed, written, compared, put into the book.

use anyhow::{Result, bail};

use super::run::command_line;
use crate::arenas;
use crate::bench::Bench;
use crate::cli::{BenchArgs, MergeArgs};
use crate::closed_loop;
use crate::compare::{self, Comparison, Pair};
use crate::flat;
use crate::global;
use crate::measure::table::details;
use crate::output::{ResultArgs, is_stdout, print, read_report, shown, write_json};
use crate::preload;
use crate::report::{Report, WorkloadReport, advice, markdown, table};
use crate::select::workspace;
use crate::shard::merge;
use crate::tight;

/// Writes what the options ask for beside the JSON.
pub(super) fn publish(
    args: &BenchArgs,
    report: &Report,
    comparison: Option<&Comparison>,
) -> Result<()> {
    let files = args
        .results
        .publish(report, comparison, &args.json, args.from.is_none())?;
    for file in files {
        print(is_taken(args), &format!("Written to {}.\n", shown(&file)))?;
    }
    Ok(())
}

/// Prints what changed; an error if that is worse than was allowed, or if the run was interrupted
/// and cannot tell.
pub(super) fn compare(
    args: &BenchArgs,
    comparison: &Comparison,
    is_interrupted: bool,
) -> Result<()> {
    print(is_taken(args), &compare::table::comparison(comparison))?;
    let Some(percent) = args.results.fail_on else {
        return Ok(());
    };
    let worse: Vec<String> = comparison
        .regressions(percent)
        .map(Pair::to_string)
        .collect();
    if !worse.is_empty() {
        bail!(
            "worse than {} by more than {percent} %, or without a figure now: {}",
            comparison.since,
            worse.join(", ")
        );
    }
    if is_interrupted {
        bail!(
            "the run was interrupted: what it did not reach may be worse; finish it with --resume"
        );
    }
    Ok(())
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

pub(super) fn print_report(args: &BenchArgs, report: &Report) -> Result<()> {
    for workload in &report.workloads {
        print(is_taken(args), &workload_tables(workload))?;
    }
    for command in &report.commands {
        print(is_taken(args), &preload::table(command))?;
    }
    print(is_taken(args), &preload::means_table(&report.commands))?;
    if !report.flat.is_empty() {
        print(is_taken(args), &flat::table(&report.flat))?;
    }
    print(is_taken(args), &tight::tables(&report.tight))?;
    if !report.global.is_empty() {
        print(is_taken(args), &global::table::terminal(&report.global))?;
    }
    for challenge in &report.closed_loop {
        print(is_taken(args), &closed_loop::table(challenge))?;
    }
    print(is_taken(args), &arenas::markdown(&report.arenas))?;
    print(is_taken(args), &contest_table(report))?;
    print(is_taken(args), &table::summary(report))
}

/// Prints the answers of the run; nothing if it has none.
pub(super) fn print_answers(args: &BenchArgs, report: &Report) -> Result<()> {
    match advice::lines(&report.answers).as_str() {
        "" => Ok(()),
        lines => print(is_taken(args), &format!("\n{lines}")),
    }
}

/// The table and the bars of a contest, as in the book; empty if there is none.
pub(super) fn contest_table(report: &Report) -> String {
    let contest = report.contest;
    contest.map_or_else(String::new, |contest| {
        format!("\n{}", contest.markdown(report))
    })
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

/// Writes what is done so far and what is `known` of the rest, marked as interrupted: so it is if
/// nothing follows.
pub(super) fn keep<'a>(
    args: &BenchArgs,
    bench: &Bench<'_>,
    report: &Report,
    known: impl Iterator<Item = &'a WorkloadReport>,
) {
    if is_stdout(&args.json) {
        return;
    }
    let mut partial = report.clone();
    partial.workloads.extend(known.cloned());
    partial.interrupted = true;
    partial.seconds += bench.budget.elapsed().as_secs_f64();
    if let Err(error) = write_json(&args.json, &partial.summarised()) {
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
    let files = results.publish(&whole, None, &args.output, true)?;
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
