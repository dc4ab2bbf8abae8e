//! The sub-commands: from options to a run and its output.

mod builds;
mod interruption;
mod list;
mod mode;
mod results;
mod run;
mod views;
mod wishes;

use std::process::ExitCode;

use anyhow::Result;
use bench_results::cmp::Comparison;

pub(crate) use self::interruption::Interruption;
use self::list::list;
use self::results::{compare, fill_docs, has_results, is_taken};
use self::results::{print_answers, print_report, publish, tell_interrupted};
use self::run::run;
pub(crate) use self::run::{empty_report, typed, versions};
use crate::cli::BenchArgs;
use crate::output::{Outcome, check_writable, read_report};
use crate::report::Report;

/// A gate has failed, or an allocator has.
const FAILED: u8 = 1;

/// The command cannot do its work: wrong options, or a file that cannot be read or written.
const UNABLE: u8 = 2;

/// `bench`. The exit status is 0, 1 if a gate or an allocator failed, 2 after any error, and that of a
/// shell after a signal.
pub fn bench(args: &BenchArgs) -> ExitCode {
    let error = match try_bench(args) {
        Ok(code) => return code,
        Err(error) => error,
    };
    match error.downcast_ref::<clap::Error>() {
        Some(usage) => usage.print().unwrap_or_default(),
        None => eprintln!("error: {error:#}"),
    }
    ExitCode::from(UNABLE)
}

fn try_bench(args: &BenchArgs) -> Result<ExitCode> {
    if let Some(action) = &args.action {
        return views::run(action).map(|failures| exit_code(&failures));
    }
    if let Some(spelling) = views::spelling(args) {
        eprintln!("note: this is spelled `cargo xtask bench {spelling}` now");
    }
    if args.list {
        return list(&args.preload).map(|()| ExitCode::SUCCESS);
    }
    let baseline = args.results.read_baseline()?;
    let gates = args.results.read_gates()?;
    args.results.check()?;
    let concluded = |report: &Report, outcome| {
        let results = report.results();
        let name = args.results.baseline.as_deref().unwrap_or_default();
        let compared = baseline
            .as_ref()
            .map(|baseline| Comparison::of(&results, baseline, name, &args.results.metric));
        let comparison = compared.transpose()?;
        let mut failures = conclude(args, report, comparison.as_ref(), outcome)?;
        failures.extend(results::judge(is_taken(args), &gates, &results)?);
        Ok(exit_code(&failures))
    };
    if let Some(path) = &args.from {
        let report = read_report(path)?.summarised();
        print_report(is_taken(args), &report)?;
        return concluded(&report, Outcome::Earlier);
    }
    check_writable(&args.json)?;
    let interruption = Interruption::watch()?;
    let report = run(args, interruption.is_set(), baseline.as_ref())?;
    if !report.interrupted {
        return concluded(&report, Outcome::Whole);
    }
    if has_results(args, &report) {
        concluded(&report, Outcome::Partial)?;
    }
    tell_interrupted(args, &report);
    Ok(interruption.exit_code())
}

/// Writes and prints what comes after the tables; why the run has failed, if it has.
fn conclude(
    args: &BenchArgs,
    report: &Report,
    comparison: Option<&Comparison>,
    outcome: Outcome,
) -> Result<Vec<String>> {
    publish(args, report, comparison, outcome)?;
    if args.docs && outcome != Outcome::Partial {
        fill_docs(report)?;
    }
    print_answers(args, report)?;
    let mut failures = Vec::new();
    if let Some(comparison) = comparison {
        let fail_on = args.results.fail_on;
        let is_taken = is_taken(args);
        failures.extend(compare(is_taken, fail_on, comparison, report.interrupted)?);
    }
    let broken: Vec<String> = report
        .failures()
        .map(|(allocator, workload)| format!("{allocator} on {workload}"))
        .collect();
    if !broken.is_empty() {
        failures.push(format!("broken: {}", broken.join(", ")));
    }
    Ok(failures)
}

fn exit_code(failures: &[String]) -> ExitCode {
    for failure in failures {
        eprintln!("error: {failure}");
    }
    match failures.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(FAILED),
    }
}
