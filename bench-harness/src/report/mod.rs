//! Results as data: the schema of the JSON file, from which every table is made.
//!
//! The file is one object; fields are only ever added, and [`SCHEMA`] is raised when one changes
//! its meaning. Times are in nanoseconds, sizes in bytes, ratios and fragmentation are fractions.
//! A field that could not be measured is `null` and the row's `notes` say why.

pub mod advice;
pub mod control;
mod detail;
pub mod html;
pub mod losses;
pub mod markdown;
mod means;
pub(crate) mod records;
mod row;
pub mod table;
#[cfg(test)]
pub(crate) mod testing;

pub use advice::{Advice, Figures};
pub(crate) use alloc_trace::units;
pub use detail::{
    BEYOND, Counts, Detail, Drain, HeapLog, Kind, Latency, MemoryOverTime, Moment, Percentile,
    Waste,
};
pub use means::Mean;
pub(crate) use row::Answers;
pub use row::{Row, Time};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::allocators::{self, Role};
use crate::arenas::LayoutReport;
use crate::closed_loop::ChallengeReport;
use crate::contest::Contest;
use crate::flat::Curve;
use crate::global::RowReport;
use crate::preload::CommandReport;
use crate::tight::Tight;
use bench_results::Machine;

/// The version of the schema.
pub const SCHEMA: u32 = 1;

/// One run of the bench.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`] when it was written.
    pub schema: u32,
    /// The command that made it.
    pub command: String,
    /// Where it was made.
    pub machine: Machine,
    /// Name and version of each allocator.
    pub versions: Vec<(String, String)>,
    /// CRC-32 of the program and of each preloaded library, by name: equal numbers, equal builds.
    #[serde(default)]
    pub builds: BTreeMap<String, u32>,
    /// The seed of the generated workloads.
    pub seed: u64,
    /// Repetitions asked for.
    pub reps: usize,
    /// Seconds that the run took.
    pub seconds: f64,
    /// The run was interrupted: what follows is what was finished.
    pub interrupted: bool,
    /// One for each workload.
    pub workloads: Vec<WorkloadReport>,
    /// One for each allocator: means over the workloads that it completed.
    pub means: Vec<Mean>,
    /// The answer for each need: which allocator to take.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Advice>,
    /// With `--contest` only: which one the workloads are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contest: Option<Contest>,
    /// With `--flat` only: cost against the number of live blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flat: Vec<Curve>,
    /// With `--tight` only: who completes in heaps with little to spare, and how fast.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tight: Vec<Tight>,
    /// With `--closed-loop` only: workloads that react to the allocator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed_loop: Vec<ChallengeReport>,
    /// With `--arenas` only: one allocation of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arenas: Vec<LayoutReport>,
    /// With `--global` only: micro-benchmarks of global allocators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub global: Vec<RowReport>,
    /// With `--command` only: real commands under libc and preloaded libraries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandReport>,
}

/// All allocators on one workload.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkloadReport {
    /// Its name.
    pub name: String,
    /// Where it comes from, or what it asks.
    pub about: String,
    /// CRC-32 of its operations: equal numbers, equal work.
    pub fingerprint: Option<u32>,
    /// Operations.
    pub n_ops: usize,
    /// The most bytes requested by blocks live at one time.
    pub peak_live: usize,
    /// Bytes of the heap that fixed-heap allocators are timed in.
    pub room: usize,
    /// What the loop alone takes per operation, on an allocator that always returns the same block.
    #[serde(default)]
    pub loop_ns: Option<f64>,
    /// What the loop takes if it touches blocks that lie about memory. It is part of every time.
    pub harness_ns: Option<f64>,
    /// Several threads replay it, and its times are of the clock on the wall.
    #[serde(default)]
    pub is_threaded: bool,
    /// No operation frees a block: an arena loses nothing on it.
    #[serde(default)]
    pub frees_nothing: bool,
    /// One for each allocator.
    pub rows: Vec<Row>,
}

impl WorkloadReport {
    /// The baseline's median time, which ratios are to.
    pub fn baseline_ns(&self) -> Option<f64> {
        let baseline = self.rows.iter().find(|row| row.is_baseline())?;
        baseline.time.map(|time| time.median)
    }
}

impl Report {
    /// Fills in [`means`](Self::means) and, unless the allocators are those of a contest,
    /// [`answers`](Self::answers) from the rows.
    pub fn summarised(mut self) -> Self {
        self.means = means::of(&self.workloads);
        self.answers = match self.contest {
            Some(_) => Vec::new(),
            None => advice::of(&self.workloads),
        };
        self
    }

    /// The allocators that make the run fail, with the workload: those that broke a promise, and
    /// stages and preloaded libraries that crashed or hung. A peer that does is a row that says so,
    /// and so is whatever ran out of its time.
    pub fn failures(&self) -> impl Iterator<Item = (&str, &str)> {
        let replayed = self.workloads.iter().flat_map(|workload| {
            let broken = workload.rows.iter().filter(|row| row.is_failure);
            broken.map(|row| (row.allocator.as_str(), workload.name.as_str()))
        });
        let challenged = self.closed_loop.iter().flat_map(|challenge| {
            let broken = challenge.rows.iter();
            let broken = broken.filter(|row| row.broken && !is_peer(&row.allocator));
            broken.map(|row| (row.allocator.as_str(), challenge.name.as_str()))
        });
        let tight = self.tight.iter().flat_map(|tight| {
            let broken = tight.failures();
            broken.map(|allocator| (allocator, tight.workload.as_str()))
        });
        let run = self.commands.iter().flat_map(|command| {
            let broken = command.rows.iter().filter(|row| row.is_failure());
            broken.map(|row| (row.allocator.as_str(), command.command.as_str()))
        });
        let asked = self.global.iter().flat_map(|row| {
            let broken = row.figures.iter();
            let broken = broken.filter(|row| row.broken && !is_peer(&row.allocator));
            broken.map(|figures| (figures.allocator.as_str(), row.label.as_str()))
        });
        replayed
            .chain(challenged)
            .chain(tight)
            .chain(run)
            .chain(asked)
    }
}

/// Whether it is an allocator by others of the table; what is preloaded is the user's own choice.
fn is_peer(allocator: &str) -> bool {
    allocators::find(allocator).is_some_and(|entry| entry.role == Role::Peer)
}
