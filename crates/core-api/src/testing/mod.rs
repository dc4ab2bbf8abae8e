//! The test kit: a shadow model, op programs that shrink, and one contract suite.
//!
//! - [`Contract`] tests every promise of [`Allocator`](crate::Allocator) as a named scenario, on
//!   the allocator as it is and behind every adapter.
//! - [`Program`] is a list of operations that any allocator can run. [`programs`] generates programs
//!   for property tests, and [`Program::from_bytes`] for fuzzers. A failing program prints as lines
//!   that `parse` reads back.
//! - `Api2V02`, `Api2V03`, `Api2V04` and `Std` let [`Contract`] test allocators of `allocator-api2` and of the standard
//!   library. They exist where the feature is on and where the compiler has the trait.
//! - [`Shadow`] is the model that both use. It knows the live blocks and their contents.
//!
//! Only [`Contract::run`] panics for a broken promise. All other functions return a [`Failure`], so that
//! fuzz targets, replays and benchmarks can use them.

mod arena;
mod bytes;
mod contract;
mod failure;
#[cfg(any(
    feature = "allocator-api2-02",
    feature = "allocator-api2-03",
    feature = "allocator-api2-04",
    std_allocator
))]
mod foreign;
mod guise;
mod lab;
mod model;
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
#[cfg(feature = "allocator-api2-02")]
pub use foreign::Api2V02;
#[cfg(feature = "allocator-api2-03")]
pub use foreign::Api2V03;
#[cfg(feature = "allocator-api2-04")]
pub use foreign::Api2V04;
#[cfg(std_allocator)]
pub use foreign::Std;
pub use op::Op;
pub use program::{ParseError, Program};
pub use readme::{readme_numbers, readme_row};
pub use shadow::{BlockId, Live, Shadow};
pub use strategy::{alignments, ops, programs, sizes};
