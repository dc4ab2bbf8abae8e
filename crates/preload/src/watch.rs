//! The reasons to count or sample requests beside serving them. They share one byte; tracers have a number of their
//! own, which the kernel writes.

use core::sync::atomic::{AtomicU8, Ordering};

use os::probes;

use crate::served::Served;
use crate::stage::HEAP;

/// A reason to handle requests outside the fast path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Reason {
    /// The process's first request must prepare the process.
    First = 1,
    /// The statistics count requests.
    Counts = 2,
    /// The heap profile samples requests.
    Profile = 4,
}

static REASONS: AtomicU8 = AtomicU8::new(Reason::First as u8);

/// Returns true if there is any reason.
#[inline(always)]
pub(crate) fn is_on() -> bool {
    REASONS.load(Ordering::Relaxed) != 0 || probes::is_heard()
}

/// Returns true if `reason` applies.
pub(crate) fn is_for(reason: Reason) -> bool {
    REASONS.load(Ordering::Relaxed) & reason as u8 != 0
}

/// Adds a reason, and turns the stage's fast paths off.
pub(crate) fn begin(reason: Reason) {
    REASONS.fetch_or(reason as u8, Ordering::Relaxed);
    Served::watch(&HEAP);
}

/// Removes a reason; returns false if it did not apply.
pub(crate) fn end(reason: Reason) -> bool {
    REASONS.fetch_and(!(reason as u8), Ordering::Relaxed) & reason as u8 != 0
}
