//! Workloads that react to the allocator: they go on until it fails, or look at where it puts
//! blocks before they choose what to free.
//!
//! They are no traces: each allocator sees calls of its own, by the same rule. So they have no
//! times; what is compared is how much of a heap is of use, and how much memory an adversary can
//! make an allocator need.

mod best_fit;
mod fill;
mod live;
mod measure;
mod robson;

pub use measure::measure;
pub(crate) use measure::{is_case, question, tables};
pub use robson::{any_fit_bound, best_fit_bound, first_fit_bound, robson_bound};

use std::time::Duration;

use bench_results::{Case, Suite};
use core_api::Allocator;
use serde::{Deserialize, Serialize};

/// A rule by which calls are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Challenge {
    /// Random calls until the first refusal.
    FillToFailure {
        /// Bytes of the heap.
        heap: usize,
        /// The largest block that is allocated, in bytes; it may be resized to ten times that.
        largest: usize,
        /// Times that a fresh heap is filled.
        rounds: u32,
        /// Seed of the calls.
        seed: u64,
    },
    /// Robson's adversary.
    Robson {
        /// Units that are live at most: the M of the bounds.
        live: usize,
        /// The largest block has two to the power of this many units: n of the bounds.
        log_largest: u32,
    },
    /// Robson's program against best fit.
    BestFit {
        /// Units that are live at most: the M of the bounds.
        live: usize,
        /// Units of the largest block: n of the bounds.
        largest: usize,
    },
}

/// What a challenge came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Shares of the heap that were live requested bytes when a request was refused.
    Filled {
        /// The mean over the rounds.
        mean: f64,
        /// The least.
        least: f64,
        /// The most.
        most: f64,
        /// Rounds that there was time for.
        rounds: u32,
    },
    /// The smallest heap in which the adversary gets all that it asks for.
    Needed {
        /// Its length in units; the allocator's own bookkeeping beside the blocks is included.
        units: f64,
        /// Bytes that a block costs beyond those that are asked for.
        header: usize,
    },
    /// The address space used in a heap with room for any allocator.
    Spread {
        /// From the first block's first unit to the last one's last.
        units: f64,
        /// Bytes that a block costs beyond those that are asked for.
        header: usize,
    },
    /// There is no such heap up to the length that was tried.
    NeededMore {
        /// The length in units.
        than: f64,
    },
    /// Time ran out, or its blocks cannot be made of whole units.
    Unknown,
}

impl Challenge {
    /// All of them with usual parameters.
    pub fn all(seed: u64) -> Vec<Self> {
        let fill = |heap, largest| Self::FillToFailure {
            heap,
            largest,
            rounds: 20,
            seed,
        };
        let robson = |log_largest| Self::Robson {
            live: 1024,
            log_largest,
        };
        let best_fit = Self::BestFit {
            live: 192,
            largest: 16,
        };
        vec![
            fill(1 << 20, 1_000),
            fill(16 << 20, 10_000),
            robson(4),
            robson(6),
            best_fit,
        ]
    }

    /// The same with another heap to fill and another largest request, where they are given.
    pub fn filling(mut self, heap_len: Option<u32>, max_size: Option<u32>) -> Self {
        if let Self::FillToFailure { heap, largest, .. } = &mut self {
            *heap = heap_len.map_or(*heap, |len| len as usize);
            *largest = max_size.map_or(*largest, |size| size as usize);
        }
        self
    }

    /// What it is called.
    pub fn name(self) -> String {
        match self {
            Self::FillToFailure { largest, .. } => format!("fill-to-failure-{largest}"),
            Self::Robson { log_largest, .. } => format!("robson-{}", 1_u64 << log_largest),
            Self::BestFit { largest, .. } => format!("robson-best-fit-{largest}"),
        }
    }

    /// What was measured, in records.
    pub(crate) fn case(self) -> Case {
        let case = Case::new(Suite::Adversary, &self.name());
        match self {
            Self::FillToFailure {
                heap,
                largest,
                rounds,
                seed,
            } => case
                .with("heap", heap)
                .with("largest", largest)
                .with("rounds", rounds)
                .with("seed", seed),
            Self::Robson { live, .. } | Self::BestFit { live, .. } => case.with("live", live),
        }
    }

    /// Takes the challenge on allocators that `make` gives heaps of the length that it is passed.
    pub fn run<A: Allocator>(self, make: &mut dyn FnMut(usize) -> A, limit: Duration) -> Figure {
        match self {
            Self::FillToFailure {
                heap,
                largest,
                rounds,
                seed,
            } => fill::fill(&mut || make(heap), heap, largest, rounds, seed, limit),
            Self::Robson { live, log_largest } => robson::needed(make, live, log_largest, limit),
            Self::BestFit { live, largest } => best_fit::spread(make, live, largest),
        }
    }

    /// Bytes of the longest heap that it will ask for.
    pub fn longest_heap(self) -> usize {
        match self {
            Self::FillToFailure { heap, .. } => heap,
            Self::Robson { live, log_largest } => robson::longest_heap(live, 1 << log_largest),
            Self::BestFit { live, largest } => robson::longest_heap(live, largest),
        }
    }
}
