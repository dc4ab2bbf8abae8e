//! The promises of the contract, each as a scenario.

mod basics;
mod limits;
mod random;
mod recovery;
mod resized;
mod resizing;
mod zeroed_growth;

use core::alloc::Layout;
use std::format;

use super::lab::Lab;
use super::trial::Trial;
use super::{BlockId, Failure, Verdict};

/// One promise of the contract.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    /// True if the scenario needs to know how much memory there is.
    pub(super) bounded: bool,
    pub(super) run: fn(&Lab<'_>) -> Verdict,
}

/// All scenarios, from the simplest to the longest, so that the first failure is the easiest to understand.
pub(super) const SCENARIOS: &[Scenario] = &[
    anywhere("first block", basics::first_block),
    anywhere("size zero", basics::size_zero),
    anywhere("distinct blocks", basics::distinct_blocks),
    anywhere("alignment", basics::alignment),
    anywhere("zeroed", basics::zeroed),
    anywhere("grow", resizing::grow),
    anywhere("grow zeroed", resizing::grow_zeroed),
    anywhere("shrink", resizing::shrink),
    anywhere("resize in place", resizing::resize_in_place),
    anywhere("zeroed growth of used bytes", zeroed_growth::zeroed_growth),
    anywhere("impossible sizes", limits::impossible_sizes),
    bounded("exhaustion", limits::exhaustion),
    bounded("tiny regions", limits::tiny_regions),
    bounded("odd regions", limits::odd_regions),
    bounded("recovery", recovery::recovery),
    bounded("recovery of resized blocks", resized::recovery),
    anywhere("random programs", random::programs),
    bounded(
        "random programs in odd regions",
        random::programs_in_odd_regions,
    ),
    bounded("recovery after random programs", random::recovery),
];

const fn anywhere(name: &'static str, run: fn(&Lab<'_>) -> Verdict) -> Scenario {
    Scenario {
        name,
        bounded: false,
        run,
    }
}

const fn bounded(name: &'static str, run: fn(&Lab<'_>) -> Verdict) -> Scenario {
    Scenario {
        name,
        bounded: true,
        run,
    }
}

fn layout(size: usize, align: usize) -> Result<Layout, Failure> {
    Layout::from_size_align(size, align)
        .map_err(|_| Failure::new(format!("size {size}, align {align} form no layout")))
}

/// Allocates a block for which there must be room.
fn must_allocate(trial: &mut Trial<'_>, size: usize, align: usize) -> Result<BlockId, Failure> {
    trial
        .allocate(layout(size, align)?)?
        .ok_or_else(|| must_succeed("allocate", size, align))
}

fn must_succeed(call: &str, size: usize, align: usize) -> Failure {
    Failure::new(format!(
        "{call}({size}, align {align}) must succeed: there is room"
    ))
}

/// Fails unless the call succeeded.
fn must(done: bool, what: &str) -> Verdict {
    match done {
        true => Ok(()),
        false => Err(Failure::new(format!("{what} must succeed: there is room"))),
    }
}

/// Fails if the call succeeded.
fn must_not(done: bool, what: &str) -> Verdict {
    match done {
        true => Err(Failure::new(format!("{what} must fail"))),
        false => Ok(()),
    }
}
