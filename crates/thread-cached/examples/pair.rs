//! The fast path in isolation: `cargo run --release -p malloc-ladder-thread-cached --example pair [PAIRS]`.
//!
//! Counted by `valgrind --tool=callgrind`: the difference between two runs, divided by the
//! difference of their numbers of pairs, is the price of one.

use core::alloc::{GlobalAlloc, Layout};
use std::hint::{assert_unchecked, black_box};
use std::time::Instant;

use thread_cached::ThreadCached;

static ALLOCATOR: ThreadCached = ThreadCached::new();

// ANCHOR: pair
#[inline(never)]
fn allocate(size: usize) -> *mut u8 {
    // SAFETY: the size is not 0.
    unsafe { ALLOCATOR.alloc(layout(size)) }
}

#[inline(never)]
fn free(block: *mut u8, size: usize) {
    // SAFETY: live, with its layout.
    unsafe { ALLOCATOR.dealloc(block, layout(size)) }
}
// ANCHOR_END: pair

fn main() {
    let asked = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let n_pairs: u32 = asked.unwrap_or(10_000_000);
    for size in [16, 24, 64, 1000] {
        let begin = Instant::now();
        let size = black_box(size);
        for _ in 0..n_pairs {
            free(allocate(size), size);
        }
        let time = begin.elapsed();
        println!(
            "{size:>5} bytes: {:.2} ns a pair",
            time.as_secs_f64() * 1e9 / f64::from(n_pairs)
        );
    }
}

fn layout(size: usize) -> Layout {
    // SAFETY: the sizes above are far from the largest, so that no test for it is counted.
    unsafe { assert_unchecked(size < 1 << 20) };
    Layout::from_size_align(size, 8).unwrap_or(Layout::new::<u64>())
}
