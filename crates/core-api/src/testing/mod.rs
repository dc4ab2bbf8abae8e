//! The test kit: a shadow model, op programs that shrink, and one contract suite.
//!
//! - [`Contract`] tests every promise of [`Allocator`](crate::Allocator) as a named scenario, on
//!   the allocator as it is and behind every adapter.
//! - [`Program`] is a list of operations that any allocator can run. [`programs`] generates programs
//!   for property tests, and [`Program::from_bytes`] for fuzzers. A failing program prints as lines
//!   that `parse` reads back.
//! - [`Shadow`] is the model that both use. It knows the live blocks and their contents.
//!
//! Only [`Contract::run`] panics for a broken promise. All other functions return a [`Failure`], so that
//! fuzz targets, replays and benchmarks can use them.

mod arena;
mod bytes;
mod contract;
mod failure;
mod guise;
mod lab;
mod op;
mod pattern;
mod program;
mod readme;
mod scenarios;
mod shadow;
mod strategy;
mod subject;
mod trial;
mod wrappers;

pub use contract::Contract;
pub use failure::{Failure, Verdict};
pub use op::Op;
pub use program::{ParseError, Program};
pub use readme::{readme_numbers, readme_row};
pub use shadow::{BlockId, Live, Shadow};
pub use strategy::{alignments, ops, programs, sizes};
