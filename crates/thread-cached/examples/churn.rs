//! What several threads cost each other, against stage 5 and libc: `cargo run --release -p
//! malloc-ladder-thread-cached --example churn`.
//!
//! - *churn*: every thread replaces random blocks of 16 to 512 bytes among a thousand of its own.
//! - *pass on*: one thread allocates blocks, another frees them.
//! - *births*: threads that allocate a little and end, one after the other.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

const OPERATIONS: usize = 4_000_000;
const BATCH: usize = 1000;

fn main() {
    println!("ns an operation     churn 1   churn 2   churn 4   pass on    µs a birth");
    measure("thread-cached", &thread_cached::ThreadCached::new());
    measure("mmap-backed", &mmap_backed::Global::new());
    measure("libc", &System);
}

fn measure(name: &str, allocator: &(impl GlobalAlloc + Sync)) {
    let churns = [1, 2, 4].map(|n_threads| {
        nanoseconds(OPERATIONS, || {
            thread::scope(|scope| {
                for seed in 1..=n_threads {
                    scope.spawn(move || churn(allocator, seed as u64, OPERATIONS / n_threads));
                }
            });
        })
    });
    let passed = nanoseconds(OPERATIONS, || pass_on(allocator));
    let births = nanoseconds(2000, || births(allocator, 2000)) / 1000.0;
    let [one, two, four] = churns;
    println!("{name:15} {one:>11.1} {two:>9.1} {four:>9.1} {passed:>9.1} {births:>13.1}");
}

fn nanoseconds(n: usize, run: impl Fn()) -> f64 {
    let times = (0..3).map(|_| {
        let begin = Instant::now();
        run();
        begin.elapsed()
    });
    times
        .min()
        .map_or(0.0, |least| least.as_secs_f64() * 1e9 / n as f64)
}

fn churn(allocator: &impl GlobalAlloc, seed: u64, operations: usize) {
    let mut state = seed;
    let mut blocks = vec![(std::ptr::null_mut(), 0); 1000];
    for _ in 0..operations {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let slot = &mut blocks[(state >> 33) as usize % 1000];
        let size = 16 + (state >> 45) as usize % 497;
        free(
            allocator,
            std::mem::replace(slot, (allocate(allocator, size), size)),
        );
    }
    blocks.into_iter().for_each(|block| free(allocator, block));
}

fn pass_on(allocator: &(impl GlobalAlloc + Sync)) {
    let (send, receive) = mpsc::sync_channel::<Vec<Sent>>(8);
    thread::scope(|scope| {
        scope.spawn(move || {
            for batch in receive {
                batch
                    .into_iter()
                    .for_each(|Sent(block)| free(allocator, block));
            }
        });
        for _ in 0..OPERATIONS / BATCH {
            let batch = (0..BATCH).map(|n| {
                let size = 16 + n % 497;
                Sent((allocate(allocator, size), size))
            });
            if send.send(batch.collect()).is_err() {
                break;
            }
        }
        drop(send);
    });
}

/// A block on its way to another thread.
struct Sent((*mut u8, usize));

// SAFETY: the sender does not use the block again.
unsafe impl Send for Sent {}

fn births(allocator: &(impl GlobalAlloc + Sync), n_threads: usize) {
    for _ in 0..n_threads {
        thread::scope(|scope| {
            scope.spawn(|| {
                let blocks: Vec<_> = (1..50)
                    .map(|n| (allocate(allocator, n * 8), n * 8))
                    .collect();
                blocks.into_iter().for_each(|block| free(allocator, block));
            });
        });
    }
}

fn allocate(allocator: &impl GlobalAlloc, size: usize) -> *mut u8 {
    // SAFETY: the size is not 0; the block has at least 16 bytes.
    unsafe {
        let block = allocator.alloc(layout(size));
        assert!(!block.is_null(), "out of memory");
        block.cast::<usize>().write(size);
        block
    }
}

fn free(allocator: &impl GlobalAlloc, (block, size): (*mut u8, usize)) {
    if !block.is_null() {
        // SAFETY: every block goes back once, with its layout.
        unsafe { allocator.dealloc(block, layout(size)) };
    }
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).unwrap_or(Layout::new::<u64>())
}
