//! Every arena on every layout, in rounds.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bench_results::{Case, Family, Linkage, Measurement, Outcome, Role, Subject, Suite};
use indicatif::ProgressBar;

use super::count::with_loop;
use super::{Arena, Block, Counts, Pass};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::measure::callgrind::can_count;
use crate::output::{Choice, Log};
use crate::report::records::measured;

/// The name of its cases.
const NAME: &str = "arena";

/// Passes of a time.
const N_PASSES: usize = 1_000;
const N_QUICK_PASSES: usize = 50;

/// How long a child may take.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// What an allocation of one arena costs.
struct Cost {
    arena: Arena,
    /// Beside those of the loop; `None` without valgrind.
    counts: Option<Counts>,
    /// Nanoseconds with the loop, of each process.
    times: Vec<f64>,
}

impl Cost {
    fn measurements(self, case: &Case) -> Vec<Measurement> {
        let role = match self.arena {
            Arena::Bump => Role::Stage,
            arena if arena.is_peer() => Role::Peer,
            _ => Role::Control,
        };
        let name = self.arena.name();
        let subject = Subject::new(&name, role, Family::Arena, Linkage::Linked);
        let time = match self.times.is_empty() {
            true => Outcome::Failed("no process ended with a time".to_string()),
            false => Outcome::Samples(self.times),
        };
        let mut all = vec![measured(&subject, case, "time", time)];
        if let Some(counts) = self.counts {
            let figures = [
                ("instructions", counts.instructions),
                ("branches", counts.branches),
            ];
            all.extend(
                figures.map(|(name, count)| measured(&subject, case, name, Outcome::one(count))),
            );
        }
        all
    }
}

fn case(block: Block) -> Case {
    Case::new(Suite::Kernel, NAME).with("block", block.name())
}

/// Whether a case is one of these.
pub(crate) fn is_case(case: &Case) -> bool {
    case.suite == Suite::Kernel && case.name == NAME
}

/// What is measured, and how often.
pub(crate) struct Measure<'a> {
    /// Fewer layouts, for shorter times.
    pub(crate) is_quick: bool,
    /// Processes for each time.
    pub(crate) reps: usize,
    /// Set when the user has had enough.
    pub(crate) interrupted: &'a AtomicBool,
    /// Moves by one for each process.
    pub(crate) progress: &'a ProgressBar,
}

impl Measure<'_> {
    /// Every layout, or in short every other one.
    fn blocks(&self) -> impl ExactSizeIterator<Item = Block> {
        let step = if self.is_quick { 2 } else { 1 };
        Block::all().iter().copied().step_by(step)
    }

    /// Processes of a run.
    pub(crate) fn n_runs(&self) -> usize {
        self.blocks().len() * Arena::all().len() * (self.reps + 1)
    }

    /// The figures of all layouts, or of those that were done before an interruption.
    pub(crate) fn run(&self, log: &mut Log) {
        let can_count = can_count();
        if !can_count {
            eprintln!("instructions are not counted: valgrind is not installed");
        }
        let n = self.blocks().len();
        let names: Vec<String> = Arena::all().iter().map(Choice::name).collect();
        for (index, block) in self.blocks().enumerate() {
            if !log.wants((index, n), &case(block), names.iter().map(String::as_str)) {
                continue;
            }
            let layout = self.layout(block, can_count);
            if self.interrupted.load(Ordering::Relaxed) {
                return;
            }
            log.add(layout);
        }
    }

    fn layout(&self, block: Block, can_count: bool) -> Vec<Measurement> {
        let pass = |arena| Pass {
            arena,
            block,
            n_passes: if self.is_quick {
                N_QUICK_PASSES
            } else {
                N_PASSES
            },
        };
        let count = |arena| can_count.then(|| self.count(pass(arena))).flatten();
        let alone = count(Arena::Nothing);
        let cost = |&arena| Cost {
            arena,
            counts: match arena {
                Arena::Nothing => alone,
                _ => count(arena),
            },
            times: Vec::new(),
        };
        let mut costs: Vec<Cost> = Arena::all().iter().map(cost).collect();
        for cost in &mut costs {
            let both = cost.counts.zip(alone);
            cost.counts = both.map(|(counts, alone)| counts.beside(alone));
        }
        for _ in 0..self.reps {
            for cost in &mut costs {
                cost.times.extend(self.time(pass(cost.arena)));
            }
        }
        let case = case(block);
        costs
            .into_iter()
            .flat_map(|cost| cost.measurements(&case))
            .collect()
    }

    fn count(&self, pass: Pass) -> Option<Counts> {
        self.begin(pass)?;
        let name = pass.arena.name();
        let not_counted = |error| eprintln!("warning: {name} is not counted: {error:#}");
        with_loop(pass).map_err(not_counted).ok()
    }

    fn time(&self, pass: Pass) -> Option<f64> {
        self.begin(pass)?;
        match ask(&Job::asking(Question::Arena(pass)), TIME_LIMIT) {
            Ok(Answer::Arena(ns)) => Some(ns),
            _ => None,
        }
    }

    /// `None` once the run is interrupted.
    fn begin(&self, pass: Pass) -> Option<()> {
        self.progress.set_message(pass.arena.name());
        self.progress.inc(1);
        (!self.interrupted.load(Ordering::Relaxed)).then_some(())
    }
}
