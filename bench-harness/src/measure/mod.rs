//! What is measured beside time and footprint, each by replays of its own.
//!
//! | module | what it asks |
//! |---|---|
//! | `latency` | how long do single calls take? |
//! | `over_time` | how much memory does a run hold, and what for? |
//! | `layout` | where do blocks lie? |

mod clock;
mod extent;
mod fork;
mod laps;
pub(crate) mod latency;
pub(crate) mod layout;
mod observe;
pub(crate) mod over_time;
mod ratios;
mod shared;
mod waste;

pub(crate) use extent::Extent;
pub(crate) use laps::Clocked;
pub use laps::Laps;
pub(crate) use observe::Live;
pub use observe::{End, Observer, Seen};
