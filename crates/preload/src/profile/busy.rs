//! Which threads are taking a sample: what they allocate for it is not sampled in its turn.

use core::sync::atomic::{AtomicUsize, Ordering};

use crate::os;

/// As many threads can take samples at once.
const ROOM: usize = 64;

/// The threads, 0 for none.
static THREADS: [AtomicUsize; ROOM] = [const { AtomicUsize::new(0) }; ROOM];

/// Calls `body`, unless the calling thread is within such a call, or too many threads are.
pub(super) fn once_at_a_time(body: impl FnOnce()) {
    let thread = os::thread();
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

/// No thread is, in the child of a `fork`: its only one was forking.
pub(super) fn reset() {
    THREADS
        .iter()
        .for_each(|place| place.store(0, Ordering::Relaxed));
}
