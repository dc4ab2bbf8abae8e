//! Whether requests are looked at beside being served: one byte, so that the fast path tests one.

use core::sync::atomic::{AtomicU8, Ordering};

use crate::served::Served;
use crate::stage::HEAP;

/// A reason to look at requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Reason {
    /// The first request prepares the process.
    First = 1,
    /// Requests are counted.
    Counts = 2,
    /// Some requests are sampled for the heap profile.
    Profile = 4,
}

static REASONS: AtomicU8 = AtomicU8::new(Reason::First as u8);

/// Whether there is any reason.
#[inline(always)]
pub(crate) fn is_on() -> bool {
    REASONS.load(Ordering::Relaxed) != 0
}

/// Whether this is one of the reasons.
pub(crate) fn is_for(reason: Reason) -> bool {
    REASONS.load(Ordering::Relaxed) & reason as u8 != 0
}

/// Adds a reason.
pub(crate) fn begin(reason: Reason) {
    REASONS.fetch_or(reason as u8, Ordering::Relaxed);
    Served::watch(&HEAP);
}

/// Takes a reason away, and returns whether it was one.
pub(crate) fn end(reason: Reason) -> bool {
    REASONS.fetch_and(!(reason as u8), Ordering::Relaxed) & reason as u8 != 0
}
