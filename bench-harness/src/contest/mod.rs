//! Contests: a stage against its nearest peers, on what it is made for, and whether it reaches its
//! bars.
//!
//! A contest is a choice of allocators, workloads and measures with a table of its own in the book.
//! The table ends with the bars: by how much each is reached or missed.

mod heaps;
mod memory;
mod rivals;
mod tails;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cli::MeasureArgs;
use crate::limits::Limits;
use crate::output::choice;
use crate::report::Report;

/// Who is compared with whom, and in what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Contest {
    /// Time and footprint of coalescing and of all that work in memory they are given, on traces,
    /// random actions, churn with up to a million live blocks, growing buffers and high alignments.
    Heaps,
    /// The slowest calls of coalescing, and of those with as short a free.
    Tails,
    /// What mmap-backed and other heaps behind one lock hold of the OS, and what they give back.
    Memory,
}

impl Contest {
    /// All of them.
    pub fn all() -> &'static [Self] {
        clap::ValueEnum::value_variants()
    }

    /// What it is called on the command line, and its block in the book.
    pub fn name(self) -> String {
        choice::name(&self)
    }

    /// What it is about.
    pub fn about(self) -> String {
        choice::about(&self)
    }

    /// Who takes part if nobody is named.
    pub fn allocators(self) -> &'static [&'static str] {
        match self {
            Self::Heaps => heaps::ALLOCATORS,
            Self::Tails => tails::ALLOCATORS,
            Self::Memory => memory::ALLOCATORS,
        }
    }

    /// The workloads if none is named; the usual ones if it is empty.
    pub fn workloads(self) -> &'static [&'static str] {
        match self {
            Self::Heaps => heaps::WORKLOADS,
            Self::Tails | Self::Memory => &[],
        }
    }

    /// What it asks beside time and footprint, with what the user asks.
    pub(crate) fn measures(self, wished: MeasureArgs) -> MeasureArgs {
        match self {
            Self::Heaps => wished,
            Self::Tails => MeasureArgs {
                latency: true,
                ..wished
            },
            Self::Memory => MeasureArgs {
                memory: true,
                drain: true,
                ..wished
            },
        }
    }

    /// How long the replays of a row may take, and the run, if they need more than usual.
    pub(crate) fn limits(self) -> Option<Limits> {
        let long = Limits {
            run: Duration::from_secs(900),
            ..Limits::DEFAULT.with_replay(Duration::from_secs(8))
        };
        (self == Self::Heaps).then_some(long)
    }

    /// The table and the bars, as Markdown.
    pub(crate) fn markdown(self, report: &Report) -> String {
        let workloads = &report.workloads;
        match self {
            Self::Heaps => heaps::markdown(workloads),
            Self::Tails => tails::markdown(workloads),
            Self::Memory => memory::markdown(workloads),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocators::find;
    use crate::workloads::WORKLOADS;

    #[test]
    fn whoever_takes_part_is_known() {
        for contest in Contest::all() {
            for name in contest.allocators() {
                assert!(find(name).is_some(), "{name}");
            }
            assert!(!contest.about().is_empty());
        }
    }

    #[test]
    fn the_workloads_of_heaps_are_the_shipped_traces_and_generated_ones() {
        let shipped = crate::select::shipped_traces().unwrap();
        for name in Contest::Heaps.workloads() {
            let is_shipped = shipped.iter().any(|(shipped, _)| shipped == name);
            let is_generated = WORKLOADS.iter().any(|workload| workload.name == *name);
            assert!(is_shipped || is_generated, "{name}");
        }
        let wanted = |name: &String| Contest::Heaps.workloads().contains(&name.as_str());
        assert!(shipped.iter().all(|(name, _)| wanted(name)));
    }
}
