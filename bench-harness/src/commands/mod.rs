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
use bench_results::gate::Gate;
use bench_results::{Machine, Results};

pub(crate) use self::interruption::Interruption;
use self::list::list;
use self::results::{check_machines, compare, fill_docs, has_results, is_taken};
use self::results::{print_answers, print_report, print_summary, publish, tell_interrupted};
use self::run::run;
pub(crate) use self::run::{environment, typed, versions};
use crate::cli::BenchArgs;
use crate::machine;
use crate::output::{Concluded, Outcome, check_writable, read_results};
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
    let check = |new: &Machine| match &baseline {
        Some(old) if !args.results.any_machine => check_machines(new, old),
        _ => Ok(()),
    };
    let gates = args.results.read_gates()?;
    args.results.check()?;
    let concluded = |results: &Results, outcome| {
        let failures = conclude(args, results, baseline.as_ref(), &gates, outcome)?;
        Ok(exit_code(&failures))
    };
    if let Some(path) = &args.from {
        let results = read_results(path)?;
        results
            .runs
            .iter()
            .try_for_each(|run| check(&run.machine))?;
        return concluded(&results, Outcome::Earlier);
    }
    check(&machine::here())?;
    check_writable(&args.json)?;
    let interruption = Interruption::watch()?;
    let results = run(args, interruption.is_set(), baseline.as_ref())?;
    if !results.is_interrupted() {
        return concluded(&results, Outcome::Whole);
    }
    if has_results(args, &results) {
        concluded(&results, Outcome::Partial)?;
    }
    tell_interrupted(args, &results);
    Ok(interruption.exit_code())
}

/// Prints and writes everything; why the run has failed, if it has.
fn conclude(
    args: &BenchArgs,
    results: &Results,
    baseline: Option<&Results>,
    gates: &[Gate],
    outcome: Outcome,
) -> Result<Vec<String>> {
    let mut report = Report::of(results)?;
    if args.results.shard.is_some() {
        // A part lacks allocators: only the whole has an answer.
        report.answers.clear();
    }
    let is_taken = is_taken(args);
    match outcome {
        Outcome::Earlier => print_report(is_taken, &report)?,
        Outcome::Whole | Outcome::Partial => print_summary(is_taken, &report)?,
    }
    let name = args.results.baseline.as_deref().unwrap_or_default();
    let compared = baseline
        .map(|baseline| Comparison::of(results, baseline, name, &args.results.metric))
        .transpose()?;
    let run = Concluded { results, report };
    publish(args, &run, compared.as_ref(), outcome)?;
    if args.docs && outcome != Outcome::Partial {
        fill_docs(&run.report)?;
    }
    print_answers(args, &run.report)?;
    args.left_out.iter().for_each(|peer| eprintln!("{peer}"));
    let mut failures = Vec::new();
    if let Some(comparison) = &compared {
        let is_interrupted = results.is_interrupted();
        failures.extend(compare(
            is_taken,
            args.results.fail_on,
            comparison,
            is_interrupted,
        )?);
    }
    let broken = run.report.failures();
    let broken = broken.map(|(allocator, workload)| format!("{allocator} on {workload}"));
    let broken: Vec<String> = broken.collect();
    if !broken.is_empty() {
        failures.push(format!("broken: {}", broken.join(", ")));
    }
    failures.extend(results::judge(is_taken, gates, results)?);
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
