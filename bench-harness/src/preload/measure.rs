//! A command under libc and each library, in rounds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use indicatif::ProgressBar;

use super::command::Plan;
use super::library::Library;
use super::row::{CommandReport, CommandRow};
use super::run::{Exit, Run, run};
use crate::allocators::BASELINE;

/// How a command is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure<'a> {
    /// Timed runs under each library.
    pub(crate) reps: usize,
    /// No run begins later than this, and no round but the first that would hardly end before it.
    pub(crate) deadline: Option<Instant>,
    /// After which a run is stopped.
    pub(crate) timeout: Duration,
    /// Set when the user has had enough.
    pub(crate) interrupted: &'a AtomicBool,
    /// Moves by one for each run.
    pub(crate) progress: &'a ProgressBar,
}

/// One column of the rounds: libc, or a library, and its runs so far.
struct Arm<'a> {
    library: Option<&'a Library>,
    refused: Option<String>,
    runs: Vec<Run>,
}

impl Measure<'_> {
    /// Runs of a plan if all goes well: one more under libc, which is not timed.
    pub(crate) fn n_runs(plan: &Plan, reps: usize) -> usize {
        1 + reps * (1 + plan.libraries.len())
    }

    /// Measures `plan`; `None` if the run was interrupted before it was done.
    ///
    /// # Errors
    ///
    /// The command cannot be run at all.
    pub(crate) fn command(&self, plan: &Plan) -> Result<Option<CommandReport>> {
        self.warm_up(plan)?;
        self.rounds(plan)
    }

    /// Runs `plan` under libc once: the files that it reads come into memory.
    ///
    /// # Errors
    ///
    /// The command cannot be run at all.
    pub(crate) fn warm_up(&self, plan: &Plan) -> Result<Run> {
        self.run(plan, None)
    }

    /// As [`command`](Self::command), without the run before the first round. Libraries that did not come to run
    /// before the deadline have no row.
    ///
    /// # Errors
    ///
    /// The command cannot be run at all.
    pub(crate) fn rounds(&self, plan: &Plan) -> Result<Option<CommandReport>> {
        let mut arms = arms(plan);
        for round in 0..self.reps {
            if round > 0 && self.is_over(seconds_of_round(&arms)) {
                break;
            }
            for arm in arms.iter_mut().filter(|arm| arm.may_run_again()) {
                if self.interrupted.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                // libc is what all others are compared with.
                if arm.library.is_some() && self.is_over(0.0) {
                    continue;
                }
                let run = self.run(plan, arm.library)?;
                // What the deadline stopped may have been about to end.
                if run.exit != Exit::Hung || !self.is_over(0.0) {
                    arm.runs.push(run);
                }
            }
        }
        let is_known = |arm: &Arm<'_>| arm.refused.is_some() || !arm.runs.is_empty();
        arms.retain(|arm| arm.library.is_none() || is_known(arm));
        // What was stopped has not hung.
        Ok((!self.interrupted.load(Ordering::Relaxed)).then(|| report(plan, arms)))
    }

    /// Whether the deadline comes before so many `seconds` are over.
    fn is_over(&self, seconds: f64) -> bool {
        let left = |end: Instant| end.saturating_duration_since(Instant::now());
        self.deadline
            .is_some_and(|end| left(end).as_secs_f64() <= seconds)
    }

    fn run(&self, plan: &Plan, library: Option<&Library>) -> Result<Run> {
        self.progress.set_message(
            library
                .map_or(BASELINE, |library| &library.name)
                .to_string(),
        );
        let run = run(plan, library, self.timeout, self.interrupted);
        self.progress.inc(1);
        run
    }
}

impl Arm<'_> {
    /// One that was refused or hung would only do so again.
    fn may_run_again(&self) -> bool {
        self.refused.is_none() && self.runs.last().is_none_or(|run| run.exit != Exit::Hung)
    }
}

/// What a round of these will take, going by the last.
fn seconds_of_round(arms: &[Arm<'_>]) -> f64 {
    let running = arms.iter().filter(|arm| arm.may_run_again());
    let last = running.filter_map(|arm| Some(arm.runs.last()?.wall));
    last.sum()
}

fn arms(plan: &Plan) -> Vec<Arm<'_>> {
    let libraries = plan.libraries.iter().map(Some);
    std::iter::once(None)
        .chain(libraries)
        .map(|library| Arm {
            library,
            refused: library.and_then(|library| plan.loads(library).err()),
            runs: Vec::new(),
        })
        .collect()
}

fn report(plan: &Plan, arms: Vec<Arm<'_>>) -> CommandReport {
    let baseline = arms.first().map(|arm| arm.runs.clone()).unwrap_or_default();
    let rows = arms.into_iter().map(|arm| {
        let name = arm.library.map_or(BASELINE, |library| &library.name);
        let file = arm.library.map(Library::to_string);
        match arm.refused {
            Some(why) => CommandRow::not_run(name, file, why),
            None => CommandRow::new(name, file, arm.runs, &baseline),
        }
    });
    CommandReport {
        command: plan.text.clone(),
        is_short: plan.is_short,
        rows: rows.collect(),
    }
}
