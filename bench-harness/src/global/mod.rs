//! Micro-benchmarks of allocators that a whole program can run on: compiled in, or preloaded.
//!
//! Each row is one pattern of calls, or one question about memory, on one number of threads. Each
//! figure comes from a process of its own. No trace is replayed: the loops are compiled for each
//! allocator, so that what can be inlined is.
//!
//! | file | what is in it |
//! |---|---|
//! | `row.rs`, `task.rs` | the rows; one of them at one number of threads |
//! | `block.rs`, `rng.rs`, `workers.rs` | calls, random sizes, threads that start together |
//! | `pair.rs`, `batch.rs`, `equal.rs`, `live.rs`, `grow.rs` | loops of one thread, or of several side by side |
//! | `trees.rs`, `phases.rs`, `grow_only.rs`, `vectors.rs`, `bigints.rs`, `cubes.rs` | what programs do, on `collections.rs` |
//! | `larson.rs`, `producer_consumer.rs`, `thread_churn.rs`, `sharing.rs` | loops of threads that depend on each other |
//! | `spike.rs`, `growth.rs`, `forks.rs` | what stays resident; who survives a fork |
//! | `subjects.rs`, `measure.rs`, `table.rs` | who is asked, when, and what came of it |

mod batch;
mod bigints;
mod block;
mod collections;
mod cubes;
mod equal;
mod forks;
mod grow;
mod grow_only;
mod growth;
mod instructions;
mod larson;
mod live;
mod measure;
mod pair;
mod phases;
mod producer_consumer;
mod rng;
mod row;
mod sharing;
mod spike;
mod subjects;
pub(crate) mod table;
mod task;
mod thread_churn;
mod trees;
mod vectors;
mod workers;

pub(crate) use instructions::instructions;
pub(crate) use measure::{Measure, tasks};
pub use row::Row;
pub(crate) use subjects::{LONGEST, Nothing, subjects};
pub use task::Task;
