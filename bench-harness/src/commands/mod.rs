//! The sub-commands: from options to a run and its output.

mod builds;
mod list;
mod results;
mod run;
mod wishes;

use anyhow::{Result, bail};

use self::list::list;
use self::results::{compare, fill_docs, merge, print_report, publish};
use self::run::run;
use crate::cli::{BenchAction, BenchArgs};
use crate::compare::Comparison;
use crate::output::{check_writable, read_report, write_json};

/// `bench`.
///
/// # Errors
///
/// Bad names, files that cannot be read or written; and, after everything else was done, an
/// allocator that broke a promise.
pub fn bench(args: &BenchArgs) -> Result<()> {
    if args.list {
        return list(args);
    }
    if let Some(BenchAction::Merge(parts)) = &args.action {
        return merge(parts);
    }
    let results = &args.results;
    let baseline = results.read_baseline()?;
    results.check()?;
    let report = match &args.from {
        Some(path) => read_report(path)?,
        None => {
            check_writable(&args.json)?;
            let report = run(args)?;
            write_json(&args.json, &report)?;
            report
        }
    };
    if args.from.is_some() {
        print_report(args, &report)?;
    }
    let comparison = baseline.map(|baseline| {
        let name = results.baseline.clone().unwrap_or_default();
        Comparison::of(&report, &baseline, name)
    });
    publish(args, &report, comparison.as_ref())?;
    if args.docs {
        fill_docs(&report)?;
    }
    if let Some(comparison) = &comparison {
        compare(args, comparison, report.interrupted)?;
    }
    let broken: Vec<String> = report
        .broken()
        .map(|(allocator, workload)| format!("{allocator} on {workload}"))
        .collect();
    match broken.is_empty() {
        true => Ok(()),
        false => bail!("broken: {}", broken.join(", ")),
    }
}
