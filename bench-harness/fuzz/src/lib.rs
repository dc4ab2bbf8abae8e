//! What the fuzz targets of all stages have in common.
//!
//! The input's first bytes choose the heap's length (and, in some targets, its kind), or what
//! happens to it between operations; the rest is an op program. After each operation the shadow
//! model, the stage's own `check()` and its walk must agree, and nothing may be written outside the
//! region.

mod events;
mod scattered;

use core_api::testing::{Contract, Program};
use core_api::{Allocator, Inspect, Region};

pub use events::Eventful;
pub use scattered::Scattered;

use events::Events;

/// The longest region: short enough that a program can exhaust it.
const MAX_LEN: usize = 64 << 10;

/// Plays the program that `data` is on an allocator that `make` builds.
///
/// # Panics
///
/// If a promise is broken; that is what the fuzzer looks for.
pub fn play<A: Allocator + Inspect>(name: &str, data: &[u8], make: impl Fn(Region) -> A) {
    let (len, data) = take_len(data);
    finish(Contract::new(name, make).heap_len(len).inspected(), data);
}

/// As [`play`], on an allocator that brings its own memory.
///
/// # Panics
///
/// If a promise is broken.
pub fn play_unbounded<A: Allocator + Inspect>(name: &str, data: &[u8], make: impl Fn() -> A) {
    let contract = Contract::new(name, |_| make());
    finish(contract.heap_len(0).own_memory().inspected(), data);
}

/// As [`play_unbounded`], with events between the operations.
///
/// # Panics
///
/// If a promise is broken.
pub fn play_with_events<A: Eventful>(name: &str, data: &[u8], make: impl Fn() -> A) {
    let (events, data) = events::split(data);
    play_unbounded(name, data, || Events::new(make(), events));
}

fn finish<A: Allocator, F: Fn(Region) -> A>(contract: Contract<A, F>, data: &[u8]) {
    if let Err(failure) = contract.play(&Program::from_bytes(data)) {
        panic!("{failure}");
    }
}

/// The length of the heap, and the rest of the input.
fn take_len(data: &[u8]) -> (usize, &[u8]) {
    match data {
        [low, high, rest @ ..] => (
            usize::from(u16::from_le_bytes([*low, *high])) % (MAX_LEN + 1),
            rest,
        ),
        _ => (MAX_LEN, data),
    }
}
