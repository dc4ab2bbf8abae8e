//! Generated workloads: seeded programs, each made to ask one question, and to show the weakness of
//! one stage. `docs/src/workloads.md` has them in a table.
//!
//! | of | see |
//! |---|---|
//! | one thread | [`WORKLOADS`] |
//! | several threads | [`THREADED`] |
//! | the user's own sizes | [`Profile`] |
//! | a number of live blocks | [`live()`] |
//!
//! A workload is a function from a seed and a number of calls to a [`Trace`], the same on every
//! machine. The shapes (ramp, peak, plateau) are Wilson, Johnstone, Neely and Boles's, "Dynamic
//! Storage Allocation: A Survey and Critical Review", 1995.
//!
//! ```
//! for workload in bench_harness::workloads::WORKLOADS {
//!     let trace = (workload.generate)(1, 1000);
//!     assert_eq!(trace.ops.len(), 1000, "{}", workload.name);
//! }
//! ```

mod binary;
mod checkerboard;
mod churn;
mod coalescing;
mod drain;
mod fifo;
mod growth;
mod high_alignment;
mod inverse_square;
mod larson;
mod lifo;
mod live;
mod pareto;
mod peak;
mod ping_pong;
mod plateau;
mod producer_consumer;
mod profile;
mod program;
mod ramp;
mod random;
mod random_actions;
mod rare_large;
mod realloc_grow;
mod reverse;
mod slivers;
mod small_large;
mod thread_churn;
mod workers;
mod zipf;

pub use live::live;
pub use profile::{Entry, Profile, ProfileError};
pub(crate) use random::Random;

use serde::{Deserialize, Serialize};

use crate::trace::Trace;

/// The version of the generators: one more whenever a seed comes to give other calls.
pub const VERSION: u32 = 1;

/// A named generator.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it asks of an allocator.
    pub question: &'static str,
    /// The stage whose weakness it shows, as the table of allocators calls it.
    pub exposes: &'static str,
    /// What becomes of that stage.
    pub weakness: &'static str,
    /// Makes the trace of a seed and a number of calls.
    pub generate: fn(seed: u64, n_ops: usize) -> Trace,
}

/// Calls of a run that does not say how many.
pub const N_OPS: usize = 200_000;

impl Workload {
    /// [`N_OPS`], or as many more as it takes to come to what the workload is about.
    pub fn usual_ops(&self) -> usize {
        match self.name == churn::MILLION.name {
            true => 3_000_000,
            false => N_OPS,
        }
    }
}

/// All workloads.
pub const WORKLOADS: &[Workload] = &[
    churn::WORKLOAD,
    ramp::WORKLOAD,
    random_actions::WORKLOAD,
    realloc_grow::WORKLOAD,
    checkerboard::WORKLOAD,
    churn::HUNDRED,
    churn::THOUSAND,
    churn::HUNDRED_THOUSAND,
    random_actions::SMALL,
    random_actions::LARGE,
    growth::WORKLOAD,
    peak::WORKLOAD,
    plateau::WORKLOAD,
    drain::WORKLOAD,
    coalescing::WORKLOAD,
    binary::WORKLOAD,
    lifo::WORKLOAD,
    fifo::WORKLOAD,
    reverse::WORKLOAD,
    inverse_square::WORKLOAD,
    zipf::EXPONENTIAL,
    zipf::BIMODAL,
    pareto::WORKLOAD,
    small_large::WORKLOAD,
    rare_large::WORKLOAD,
    slivers::WORKLOAD,
    ping_pong::THRESHOLD,
    ping_pong::BOUNDARY,
    churn::MILLION,
    high_alignment::WORKLOAD,
];

/// A named generator of calls on several threads.
#[derive(Clone, Copy, Debug)]
pub struct ThreadedWorkload {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it asks of an allocator.
    pub question: &'static str,
    /// The stage whose weakness it shows, as the table of allocators calls it.
    pub exposes: &'static str,
    /// What becomes of that stage.
    pub weakness: &'static str,
    /// Makes the trace of a seed, a number of calls and a number of threads that run at a time. A
    /// workload that needs two has two at least.
    pub generate: fn(seed: u64, n_ops: usize, n_threads: u16) -> Trace,
}

/// How to make the trace of a [`ThreadedWorkload`] again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The workload's name.
    pub workload: String,
    /// Its seed.
    pub seed: u64,
    /// Its number of calls.
    pub n_ops: usize,
    /// Its number of threads.
    pub n_threads: u16,
}

impl Recipe {
    /// The trace; `None` if no workload has that name.
    pub fn trace(&self) -> Option<Trace> {
        let mut known = THREADED.iter();
        let workload = known.find(|workload| workload.name == self.workload)?;
        Some((workload.generate)(self.seed, self.n_ops, self.n_threads))
    }
}

/// All workloads of several threads.
pub const THREADED: &[ThreadedWorkload] = &[
    larson::WORKLOAD,
    producer_consumer::WORKLOAD,
    producer_consumer::ASYMMETRIC,
    thread_churn::WORKLOAD,
];
