//! Threads that allocate a little and end.

use std::alloc::GlobalAlloc;
use std::thread;
use std::time::Instant;

use super::block::{allocate, free, words};

/// Nanoseconds of a thread, of `n`: `n_threads` are born together, and all end before the next are.
pub(super) fn births(
    allocator: &(impl GlobalAlloc + Sync + ?Sized),
    n_threads: usize,
    n: usize,
) -> f64 {
    let n_rounds = n.div_ceil(n_threads);
    born(allocator, n_threads, n_rounds.div_ceil(8));
    let start = Instant::now();
    born(allocator, n_threads, n_rounds);
    start.elapsed().as_nanos() as f64 / (n_rounds * n_threads) as f64
}

/// Has `n_threads` born together, `n_rounds` times.
pub(super) fn born(
    allocator: &(impl GlobalAlloc + Sync + ?Sized),
    n_threads: usize,
    n_rounds: usize,
) {
    for _ in 0..n_rounds {
        thread::scope(|scope| {
            for _ in 0..n_threads {
                scope.spawn(|| live_and_die(allocator));
            }
        });
    }
}

/// 50 blocks of 8 to 400 bytes.
fn live_and_die(allocator: &(impl GlobalAlloc + ?Sized)) {
    let blocks: [_; 50] = std::array::from_fn(|n| allocate(allocator, words((n + 1) * 8)));
    blocks.into_iter().for_each(|block| free(allocator, block));
}
