//! Counts requests, while a report of them is wanted.

use core::sync::atomic::{AtomicU64, Ordering};

use crate::watch::{self, Reason};

static REQUESTS: AtomicU64 = AtomicU64::new(0);
static REQUESTED: AtomicU64 = AtomicU64::new(0);

/// The number of requests, and the bytes that they asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requests {
    pub(crate) n: u64,
    pub(crate) bytes: u64,
}

/// Returns the counts so far, if requests are counted.
pub(crate) fn requests() -> Option<Requests> {
    watch::is_for(Reason::Counts).then(|| Requests {
        n: REQUESTS.load(Ordering::Relaxed),
        bytes: REQUESTED.load(Ordering::Relaxed),
    })
}

/// Counts a request of `size` bytes, if requests are counted.
pub(crate) fn count(size: usize) {
    if watch::is_for(Reason::Counts) {
        REQUESTS.fetch_add(1, Ordering::Relaxed);
        REQUESTED.fetch_add(size as u64, Ordering::Relaxed);
    }
}
