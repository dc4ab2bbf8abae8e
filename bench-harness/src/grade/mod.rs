//! A grade for one allocator: does it keep the contract, how dense is it, how fast?
//!
//! `cargo xtask grade` builds a program around a reader's own crate, whose allocator is [`YOURS`] in the
//! table, and runs this. Each promise and each replay has a process of its own, so that an allocator
//! that crashes or never returns is a line of the result.

mod fault;
mod points;
mod promises;
mod shrink;
mod text;
mod yours;

use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::allocators::{self, BASELINE, Entry};
use crate::bench::Bench;
use crate::cli::GradeArgs;
use crate::job::Question;
use crate::limits::{Budget, Limits};
use crate::measure::callgrind::can_count;
use crate::output::progress;
use crate::report::WorkloadReport;
use crate::select::{Wishes, shipped_traces};

use points::Speed;
use promises::Promises;
pub use yours::{Convention, Graded, Plain, Walked, YOURS};

/// The stages that are graded beside it, on the same traces in the same rounds; [`REFERENCE`] among them.
const STAGES: [&str; 3] = ["freelist", "best-fit", REFERENCE];

/// The stage whose density and speed earn all points.
const REFERENCE: &str = "coalescing";

/// The contract is broken.
const FAILED: u8 = 1;

/// The command cannot do its work.
const UNABLE: u8 = 2;

/// `grade`. The exit status is 0 if every promise of the contract is kept, 1 if one is broken, and 2 after
/// any error.
pub fn run(args: &GradeArgs) -> ExitCode {
    match grade(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(UNABLE)
        }
    }
}

/// Grades and prints; whether the contract is kept.
fn grade(args: &GradeArgs) -> Result<bool> {
    let entry = allocators::find(&args.name)
        .with_context(|| format!("there is no allocator `{}`", args.name))?;
    let speed = speed(args);
    let promises = Promises::try_all(&entry, args.cases_of(), args.patience());
    let shrunk = promises
        .death()
        .and_then(|death| shrink::program(&entry, death));
    let traces = match promises.is_usable() {
        true => replay(args, entry, speed)?,
        false => Vec::new(),
    };
    print!(
        "{}",
        text::of(&args.name, &promises, shrunk.as_ref(), &traces, speed)
    );
    Ok(promises.are_kept())
}

fn speed(args: &GradeArgs) -> Speed {
    match (args.instructions, can_count()) {
        (false, _) => Speed::Time,
        (true, true) => Speed::Instructions,
        (true, false) => {
            eprintln!("warning: valgrind is not installed, so time is scored, not instructions");
            Speed::Time
        }
    }
}

/// Replays the shipped traces on the allocator, on our stages and on libc.
fn replay(args: &GradeArgs, entry: Entry, speed: Speed) -> Result<Vec<WorkloadReport>> {
    let mut entries = vec![entry];
    for name in STAGES.into_iter().chain([BASELINE]) {
        let other = allocators::find(name).context("a stage is not in the table")?;
        if entries[0].name != name {
            entries.push(other);
        }
    }
    let entries: Vec<&Entry> = entries.iter().collect();
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let wishes = Wishes {
        workloads: args.traces()?,
        cut: args.ops_of(),
        ..Wishes::default()
    };
    let workloads = wishes.workloads(&scratch)?;
    let questions = match speed {
        Speed::Time => &[][..],
        Speed::Instructions => &[Question::Instructions],
    };
    let reps = if args.quick { 3 } else { 5 };
    let n_children = Bench::n_children(entries.len(), questions.len(), reps) * workloads.len();
    let progress = progress(n_children);
    let budget = Budget::start(args.limits());
    let bench = Bench {
        entries: &entries,
        questions,
        reps,
        cut: args.ops_of(),
        budget: &budget,
        interrupted: &AtomicBool::new(false),
        progress: &progress,
    };
    let n_left = (1..=workloads.len()).rev();
    let reports = workloads.iter().zip(n_left);
    let reports = reports.filter_map(|(workload, n_left)| bench.measure(workload, n_left));
    let reports = reports.collect();
    progress.finish_and_clear();
    Ok(reports)
}

/// Operations of each trace in a quick run.
const QUICK_OPS: usize = 20_000;

/// Random programs for each promise in a quick run.
const QUICK_CASES: u32 = 32;

impl GradeArgs {
    /// The traces to replay, by name.
    fn traces(&self) -> Result<Vec<String>> {
        let shipped = shipped_traces()?.into_iter().map(|(name, _)| name);
        Ok(match self.trace.is_empty() {
            true => shipped.collect(),
            false => self.trace.clone(),
        })
    }

    fn ops_of(&self) -> Option<usize> {
        let quick = self.quick.then_some(QUICK_OPS);
        self.ops.map(|ops| ops as usize).or(quick)
    }

    fn cases_of(&self) -> Option<u32> {
        self.cases.or(self.quick.then_some(QUICK_CASES))
    }

    /// How long an allocator may take for one promise: naive ones walk long lists, and none of the stages
    /// takes a tenth of that.
    fn patience(&self) -> Duration {
        let usual = if self.quick { 20 } else { 60 };
        Duration::from_secs(self.patience.map_or(usual, u64::from))
    }

    /// A quick run has little time for each replay, unless valgrind makes it, some fifty times slower.
    fn limits(&self) -> Limits {
        match self.quick && !self.instructions {
            true => Limits::QUICK,
            false => Limits {
                run: Duration::from_secs(120),
                ..Limits::DEFAULT
            },
        }
    }
}
