//! What is measured beside time and footprint, each by replays of its own.
//!
//! | module | what it asks |
//! |---|---|
//! | `latency` | how long single calls take |

mod clock;
mod fork;
mod laps;
pub(crate) mod latency;
mod shared;

pub(crate) use laps::Clocked;
pub use laps::Laps;
