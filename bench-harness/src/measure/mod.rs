//! What is measured beside time and footprint, each by replays of its own.
//!
//! | module | what it asks |
//! |---|---|
//! | `latency` | how long do single calls take? |
//! | `over_time` | how much memory does a run hold, and what for? |
//! | `drain` | how much is given back once everything is freed? |
//! | `layout` | where do blocks lie? |
//! | `counts` | how many probes, splits, merges and system calls are there? |
//! | `callgrind` | what is counted of a job? |
//! | `instructions` | how many instructions does an operation take? |

pub(crate) mod callgrind;
mod clock;
pub(crate) mod counts;
pub(crate) mod drain;
mod fork;
pub(crate) mod instructions;
mod laps;
pub(crate) mod latency;
pub(crate) mod layout;
mod observe;
pub(crate) mod over_time;
mod pages;
mod ranges;
mod ratios;
mod shared;
mod system_calls;
pub(crate) mod table;
mod waste;

pub(crate) use counts::probes;
pub(crate) use laps::Clocked;
pub use laps::Laps;
pub(crate) use observe::Live;
pub use observe::{End, Observer, Seen};
pub(crate) use pages::Pages;
