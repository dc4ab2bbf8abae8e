//! Results as tables and as a page: rows that are made of the records of a file.
//!
//! Times are in nanoseconds, sizes in bytes, ratios and fragmentation are fractions.

pub mod advice;
pub mod control;
mod detail;
mod fold;
pub mod html;
pub mod markdown;
mod means;
pub mod records;
mod row;
mod suites;
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
pub use row::{Remarks, Row, Time};
pub(crate) use suites::{losses, tables};

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contest::Contest;
use crate::preload::CommandReport;
use bench_results::{Linkage, Machine, Measurement, Outcome, Role};

/// What tables and the page say of one run, or of several together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The command that made it.
    pub command: String,
    /// Where it was made.
    pub machine: Machine,
    /// Name and version of each allocator.
    pub versions: Vec<(String, String)>,
    /// CRC-32 of the program and of each preloaded library, by name: equal numbers, equal builds.
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Advice>,
    /// With `--contest` only: which one the workloads are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contest: Option<Contest>,
    /// What is no replay: micro-benchmarks, arenas, heaps with little to spare, workloads that react.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub measurements: Vec<Measurement>,
    /// With `--command` only: real commands under libc and preloaded libraries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandReport>,
}

/// All allocators on one workload.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorkloadReport {
    /// Its name.
    pub name: String,
    /// CRC-32 of its operations: equal numbers, equal work.
    pub fingerprint: Option<u32>,
    /// Operations.
    pub n_ops: usize,
    /// What tables say of it beside its figures.
    #[serde(flatten)]
    pub facts: Facts,
    /// One for each allocator.
    pub rows: Vec<Row>,
}

/// What a table says of a workload beside its figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Where it comes from, or what it asks.
    pub about: String,
    /// The most bytes requested by blocks live at one time.
    pub peak_live: usize,
    /// Bytes of the heap that fixed-heap allocators are timed in.
    pub room: usize,
    /// What the loop alone takes per operation, on an allocator that always returns the same block.
    pub loop_ns: Option<f64>,
    /// What the loop takes if it touches blocks that lie about memory. It is part of every time.
    pub harness_ns: Option<f64>,
    /// Several threads replay it, and its times are of the clock on the wall.
    pub is_threaded: bool,
    /// No operation frees a block: an arena loses nothing on it.
    pub frees_nothing: bool,
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
            let broken = workload.rows.iter().filter(|row| row.remarks.is_failure);
            broken.map(|row| (row.allocator.as_str(), workload.name.as_str()))
        });
        let measured = self.measurements.iter().filter_map(|one| {
            let is_peer = one.subject.role == Role::Peer && one.subject.linkage == Linkage::Linked;
            let is_broken = matches!(one.outcome, Outcome::Failed(_)) && !is_peer;
            is_broken.then_some((one.subject.name.as_str(), one.case.name.as_str()))
        });
        let run = self.commands.iter().flat_map(|command| {
            let broken = command.rows.iter().filter(|row| row.is_failure());
            broken.map(|row| (row.allocator.as_str(), command.command.as_str()))
        });
        replayed.chain(measured).chain(run)
    }
}
