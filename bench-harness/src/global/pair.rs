//! One block and its free, again and again.

use std::alloc::{GlobalAlloc, Layout};

use super::Task;
use super::block::{allocate, allocate_zeroed, free, words, written};
use super::rng::Rng;
use super::workers;

/// Layouts to take in turn: a power of two, so that taking the next one costs nothing.
const N_LAYOUTS: usize = 64;

/// Pairs of the whole row.
pub(super) const N_SMALL: usize = 16_000_000;

/// Pairs of 16 to 64 bytes; nanoseconds of one.
pub(super) fn inline(allocator: &(impl GlobalAlloc + Sync), n_threads: usize, n: usize) -> f64 {
    pairs(n_threads, n, &small(), |layout| {
        free(allocator, allocate(allocator, layout));
    })
}

/// The same behind calls.
pub(super) fn behind_call(
    allocator: &(impl GlobalAlloc + Sync),
    n_threads: usize,
    n: usize,
) -> f64 {
    pairs(n_threads, n, &small(), |layout| {
        let block = written(allocate_behind_call(allocator, layout), layout);
        free_behind_call(allocator, block.start.as_ptr(), layout);
    })
}

/// Pairs behind calls that `task` makes on one thread, those before the clock starts included.
pub(super) fn n_behind_call(task: Task) -> usize {
    let n = task.scaled(N_SMALL);
    n + n_before(n)
}

/// Pairs that bring the allocator's code and blocks into the caches.
fn n_before(n: usize) -> usize {
    n / 8
}

/// Pairs of this layout.
pub(super) fn of(
    allocator: &(impl GlobalAlloc + Sync),
    n_threads: usize,
    n: usize,
    layout: Layout,
) -> f64 {
    pairs(n_threads, n, &[layout; N_LAYOUTS], |layout| {
        free(allocator, allocate(allocator, layout));
    })
}

/// Pairs of zeroed blocks of 100 kB whose pages are all written to.
pub(super) fn zeroed(allocator: &(impl GlobalAlloc + Sync), n_threads: usize, n: usize) -> f64 {
    pairs(n_threads, n, &[words(100_000); N_LAYOUTS], |layout| {
        let block = allocate_zeroed(allocator, layout);
        block.touch();
        free(allocator, block);
    })
}

/// The call that callgrind counts, by this name: see `instructions.rs`.
#[inline(never)]
fn allocate_behind_call(allocator: &impl GlobalAlloc, layout: Layout) -> *mut u8 {
    // SAFETY: the size is not 0.
    unsafe { allocator.alloc(layout) }
}

/// As [`allocate_behind_call`].
#[inline(never)]
fn free_behind_call(allocator: &impl GlobalAlloc, block: *mut u8, layout: Layout) {
    // SAFETY: the only caller has the block from the function above, with this layout.
    unsafe { allocator.dealloc(block, layout) };
}

fn small() -> [Layout; N_LAYOUTS] {
    let mut rng = Rng::new(0);
    std::array::from_fn(|_| words(rng.within(16..65)))
}

fn pairs(
    n_threads: usize,
    n: usize,
    layouts: &[Layout; N_LAYOUTS],
    pair: impl Fn(Layout) + Sync,
) -> f64 {
    let n_each = n.div_ceil(n_threads);
    let run = |n: usize| (0..n).for_each(|i| pair(layouts[i % N_LAYOUTS]));
    let nanos = workers::time(n_threads, |_| run(n_before(n_each)), |()| run(n_each), drop);
    nanos / (n_each * n_threads) as f64
}
