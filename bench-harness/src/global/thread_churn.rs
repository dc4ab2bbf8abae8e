//! Threads that allocate a little and end.

use std::alloc::GlobalAlloc;
use std::thread;
use std::time::Instant;

use super::block::{allocate, free, words};

/// Returns the nanoseconds of a thread, of `n` threads: `n_threads` start together, and all end before the next start.
pub(super) fn thread_churn(
    allocator: &(impl GlobalAlloc + Sync + ?Sized),
    n_threads: usize,
    n: usize,
) -> f64 {
    let n_rounds = n.div_ceil(n_threads);
    spawn_and_join(allocator, n_threads, n_rounds.div_ceil(8));
    let start = Instant::now();
    spawn_and_join(allocator, n_threads, n_rounds);
    start.elapsed().as_nanos() as f64 / (n_rounds * n_threads) as f64
}

/// Starts `n_threads` together and waits for their ends, `n_rounds` times.
pub(super) fn spawn_and_join(
    allocator: &(impl GlobalAlloc + Sync + ?Sized),
    n_threads: usize,
    n_rounds: usize,
) {
    for _ in 0..n_rounds {
        thread::scope(|scope| {
            for _ in 0..n_threads {
                scope.spawn(|| allocate_and_free(allocator));
            }
        });
    }
}

/// Allocates 50 blocks of 8 to 400 bytes, and frees them.
fn allocate_and_free(allocator: &(impl GlobalAlloc + ?Sized)) {
    let blocks: [_; 50] = std::array::from_fn(|n| allocate(allocator, words((n + 1) * 8)));
    blocks.into_iter().for_each(|block| free(allocator, block));
}
