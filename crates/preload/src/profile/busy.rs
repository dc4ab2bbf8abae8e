//! The threads that are taking a sample. Their own allocations meanwhile are not sampled.

use core::sync::atomic::{AtomicUsize, Ordering};

use crate::c_library;

/// How many threads can take samples at once.
const ROOM: usize = 64;

/// The threads; 0 marks a free place.
static THREADS: [AtomicUsize; ROOM] = [const { AtomicUsize::new(0) }; ROOM];

/// Calls `body`, unless the calling thread is already in such a call, or [`ROOM`] threads are.
pub(super) fn once_at_a_time(body: impl FnOnce()) {
    let thread = c_library::thread();
    if THREADS
        .iter()
        .any(|place| place.load(Ordering::Relaxed) == thread)
    {
        return;
    }
    let take = |place: &&AtomicUsize| {
        place
            .compare_exchange(0, thread, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    };
    if let Some(place) = THREADS.iter().find(take) {
        body();
        place.store(0, Ordering::Relaxed);
    }
}

/// Frees all places, in the child of a `fork`: its only thread is not taking a sample.
pub(super) fn reset() {
    THREADS
        .iter()
        .for_each(|place| place.store(0, Ordering::Relaxed));
}
