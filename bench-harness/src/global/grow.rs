//! One block that grows and grows.

use std::alloc::GlobalAlloc;

use super::block::{allocate, free, resize, words};
use super::workers;

/// The sizes of a block that grows by 100 bytes up to 100 kB.
pub(super) fn by_steps() -> Vec<usize> {
    (1..=1000).map(|n| n * 100).collect()
}

/// The sizes of a block that doubles from 16 bytes to 1 MiB.
pub(super) fn by_doubling() -> Vec<usize> {
    (4..=20).map(|log| 1 << log).collect()
}

/// Nanoseconds of a call, of `n` or a few more: an allocation of the first of `sizes`, a
/// reallocation for each other one, and a free. The last byte of each size is written.
pub(super) fn grow(
    allocator: &(impl GlobalAlloc + Sync),
    n_threads: usize,
    n: usize,
    sizes: &[usize],
) -> f64 {
    let n_calls = sizes.len() + 1;
    let n_each = n.div_ceil(n_threads * n_calls);
    let once = || {
        let mut block = allocate(allocator, words(sizes[0]));
        for &size in &sizes[1..] {
            block = resize(allocator, block, size);
            // SAFETY: the last byte of a live block.
            unsafe { block.start.add(size - 1).write(1) };
        }
        free(allocator, block);
    };
    let run = |n: usize| (0..n).for_each(|_| once());
    let nanos = workers::time(
        n_threads,
        |_| run(n_each.div_ceil(8)),
        |()| run(n_each),
        drop,
    );
    nanos / (n_each * n_threads * n_calls) as f64
}
