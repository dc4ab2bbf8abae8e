//! What a child answers.

use serde::{Deserialize, Serialize};

use super::{Broken, Footprint};
use crate::closed_loop::Figure;
use crate::explain::Explained;
use crate::process::Sample;
use crate::replay::Outcome;
use crate::report::Detail;

/// A child's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It kept its promises up to the outcome's last operation.
    Verified {
        /// In the roomy heap.
        outcome: Outcome,
        /// Arenas only: in the roomy heap of those that reuse memory.
        without_reuse: Option<Outcome>,
    },
    /// It broke one.
    Violated {
        /// Which, where, and when.
        what: String,
    },
    /// What it needs.
    Footprint(Footprint),
    /// The promise is kept, or how it is broken.
    Promise(Option<Broken>),
    /// What the challenge came to.
    Challenged(Figure),
    /// It was not asked: the workload has several threads, and no two may share it.
    NotShared,
    /// What came out of a micro-benchmark.
    Global(f64),
    /// Nanoseconds of an allocation.
    Arena(f64),
    /// What it takes on several threads.
    Threaded {
        /// Its nanoseconds are wall-clock time.
        outcome: Outcome,
        /// CPU time of all threads together.
        cpu_nanos: u64,
        /// Minor page faults.
        page_faults: u64,
    },
    /// What its memory was for.
    Explained(Explained),
    /// What the process holds.
    Ground(Sample),
    /// What it takes.
    Timed {
        /// The last replay, with the time of all passes.
        outcome: Outcome,
        /// How many passes there were.
        passes: u32,
        /// Minor page faults in all of them.
        page_faults: u64,
    },
    /// What else was asked: the part of it that answers the question.
    Detail(Box<Detail>),
}
