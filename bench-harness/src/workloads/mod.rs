//! Generated workloads: seeded programs, each made to ask one question.
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

mod checkerboard;
mod churn;
mod live;
mod program;
mod ramp;
mod random;
mod random_actions;
mod realloc_grow;

pub use live::live;

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
    /// Makes the trace of a seed and a number of calls.
    pub generate: fn(seed: u64, n_ops: usize) -> Trace,
}

/// All workloads.
pub const WORKLOADS: &[Workload] = &[
    churn::WORKLOAD,
    ramp::WORKLOAD,
    random_actions::WORKLOAD,
    realloc_grow::WORKLOAD,
    checkerboard::WORKLOAD,
];
