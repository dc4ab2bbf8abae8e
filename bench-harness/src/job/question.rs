//! What can be asked of an allocator.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::arenas::Pass;
use crate::closed_loop::Challenge;
use crate::global::Task;
use crate::limits::patience;

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Question {
    /// Does it keep its promises?
    Verify,
    /// How much memory does it need?
    Footprint,
    /// How long does it take?
    Time,
    /// How long does it take in a heap of this length?
    TimeIn {
        /// Bytes of a fixed heap.
        heap_len: usize,
    },
    /// How long does each call take?
    Latency,
    /// How much memory is used when, and what for?
    Memory,
    /// How much is given back once everything is freed?
    Drain {
        /// Whether to wait five seconds instead of one.
        five_seconds: bool,
    },
    /// How many probes, splits, merges and system calls are there?
    Counts,
    /// How many instructions does an operation take? Asks valgrind.
    Instructions,
    /// Where do blocks lie?
    Layout {
        /// Operations to log.
        n_logged: usize,
    },
    /// What is each resident byte for at so many moments?
    Explain {
        /// Moments at even distances.
        n_moments: usize,
    },
    /// Does it keep one promise of the contract? No trace is needed.
    Promise {
        /// Index of the scenario.
        scenario: usize,
        /// Random programs of a scenario that has them; the usual number if `None`.
        cases: Option<u32>,
    },
    /// Does it come to the end of the job's program? No trace is needed.
    Program,
    /// Does it come to the end of so many random programs? No trace is needed.
    Programs {
        /// How many.
        n: u32,
    },
    /// How does it fare in a workload that reacts to it? No trace is needed.
    Challenge(Challenge),
    /// What comes out of a micro-benchmark? No trace is needed.
    Global(Task),
    /// What does an allocation of an arena take? No trace is needed.
    Arena(Pass),
    /// What does the process hold before anything is replayed?
    Ground,
}

impl Question {
    /// Whether the answer is a matter of time, so that nothing else may run meanwhile.
    pub(crate) fn needs_quiet(self) -> bool {
        matches!(
            self,
            Self::Time | Self::TimeIn { .. } | Self::Latency | Self::Arena(_)
        )
    }

    /// How long a child may take to answer if its replays are to end after `limit`.
    pub(crate) fn patience(self, limit: Duration) -> Duration {
        match self {
            Self::Drain { .. } => patience(limit) + Duration::from_secs(10),
            // Two replays, each some fifty times slower than others, and as slow a start.
            Self::Instructions => patience(limit) * 8,
            _ => patience(limit),
        }
    }
}
