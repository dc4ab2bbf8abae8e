//! The bench harness with a reader's own allocator in its table.
//!
//! `cargo xtask grade` builds a copy of this program around the reader's crate, which takes the place of
//! the template here.

use std::process::ExitCode;

use bench_harness::allocators::Entry;
#[allow(
    unused_imports,
    reason = "an allocator can be inspected or not, and needs one of the two"
)]
use bench_harness::grade::{Convention as _, Graded, Plain as _, Walked as _};

fn main() -> ExitCode {
    bench_harness::program::main(|| vec![yours()])
}

fn yours() -> Entry {
    let memory = subject::graded.memory();
    Graded::new(|room| subject::graded.in_room(room), memory).entry()
}
