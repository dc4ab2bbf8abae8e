//! The time in milliseconds, cached for all threads.

use os::now;

use crate::primitive::{AtomicU32, Ordering};

/// The time that a thread read last.
static CACHED_NOW: AtomicU32 = AtomicU32::new(1);

/// Reads the clock and updates the cached time. It writes only a new value, because a write takes the cache line
/// from all other threads.
pub(crate) fn update_clock() -> u32 {
    let now = now();
    if cached_now() != now {
        CACHED_NOW.store(now, Ordering::Relaxed);
    }
    now
}

/// The cached time. A stale value only makes one purge early.
pub(crate) fn cached_now() -> u32 {
    CACHED_NOW.load(Ordering::Relaxed)
}
