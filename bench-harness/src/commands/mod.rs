//! The sub-commands: from options to a run and its output.

mod builds;
mod interruption;
mod list;
mod mode;
mod results;
mod run;
mod wishes;

use std::process::ExitCode;

use anyhow::Result;

use self::interruption::Interruption;
use self::list::list;
use self::results::{compare, fill_docs, has_results, merge};
use self::results::{print_answers, print_report, publish, tell_interrupted};
use self::run::run;
use crate::cli::{BenchAction, BenchArgs};
use crate::compare::Comparison;
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
    mode::check(args)?;
    if args.list {
        return list(args).map(|()| ExitCode::SUCCESS);
    }
    if let Some(BenchAction::Merge(parts)) = &args.action {
        return merge(parts).map(|()| ExitCode::SUCCESS);
    }
    let baseline = args.results.read_baseline()?;
    args.results.check()?;
    let compared = |report: &Report| {
        let name = args.results.baseline.clone().unwrap_or_default();
        let baseline = baseline.as_ref();
        baseline.map(|baseline| Comparison::of(report, baseline, name))
    };
    if let Some(path) = &args.from {
        let report = read_report(path)?.summarised();
        mode::check_read(args, &report, path)?;
        print_report(args, &report)?;
        return conclude(args, &report, compared(&report).as_ref(), Outcome::Earlier);
    }
    check_writable(&args.json)?;
    let interruption = Interruption::watch()?;
    let report = run(args, interruption.is_set(), baseline.as_ref())?;
    let comparison = compared(&report);
    if !report.interrupted {
        return conclude(args, &report, comparison.as_ref(), Outcome::Whole);
    }
    if has_results(args, &report) {
        conclude(args, &report, comparison.as_ref(), Outcome::Partial)?;
    }
    tell_interrupted(args, &report);
    Ok(interruption.exit_code())
}

/// Writes and prints what comes after the tables; the exit status.
fn conclude(
    args: &BenchArgs,
    report: &Report,
    comparison: Option<&Comparison>,
    outcome: Outcome,
) -> Result<ExitCode> {
    publish(args, report, comparison, outcome)?;
    if args.docs && outcome != Outcome::Partial {
        fill_docs(report)?;
    }
    print_answers(args, report)?;
    let mut failures = Vec::new();
    if let Some(comparison) = comparison {
        failures.extend(compare(args, comparison, report.interrupted)?);
    }
    let broken: Vec<String> = report
        .failures()
        .map(|(allocator, workload)| format!("{allocator} on {workload}"))
        .collect();
    if !broken.is_empty() {
        failures.push(format!("broken: {}", broken.join(", ")));
    }
    for failure in &failures {
        eprintln!("error: {failure}");
    }
    Ok(match failures.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(FAILED),
    })
}
