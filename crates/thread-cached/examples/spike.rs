//! What stays resident after a spike: `cargo run --release -p malloc-ladder-thread-cached --example spike -- all`,
//! or `part`; behind it `asleep` for threads that sleep afterwards, `libc` for libc's malloc.
//!
//! Four threads allocate 100 MiB each in blocks of 16 to 512 bytes. Then they free all of it, or
//! all but one block in sixteen, and are idle but for a few blocks now and then. Resident memory
//! is read three seconds later.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use thread_cached::ThreadCached;

const THREADS: usize = 4;
const BYTES: usize = 100 << 20;
const QUIET: Duration = Duration::from_secs(3);

fn main() {
    let has = |wanted: &str| std::env::args().any(|arg| arg == wanted);
    let kept = if has("part") { 16 } else { 0 };
    let asleep = has("asleep");
    match has("libc") {
        true => run(&System, kept, asleep),
        false => run(&ThreadCached::new(), kept, asleep),
    }
}

fn run(allocator: &(impl GlobalAlloc + Sync), kept: usize, asleep: bool) {
    let before = resident();
    let barrier = Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        for seed in 1..=THREADS as u64 {
            let barrier = &barrier;
            scope.spawn(move || work(allocator, seed, kept, asleep, barrier));
        }
        barrier.wait();
        let start = resident();
        barrier.wait();
        barrier.wait();
        let peak = resident() - start;
        barrier.wait();
        idle(allocator);
        barrier.wait();
        let quiet = resident().saturating_sub(start);
        barrier.wait();
        match kept {
            0 => println!("all freed:           {peak:>4} → {quiet:>4} MiB"),
            n => println!("one in {n} kept:      {peak:>4} → {quiet:>4} MiB"),
        }
    });
    idle(allocator);
    let gone = resident().saturating_sub(before);
    println!("threads gone:               → {gone:>4} MiB");
}

fn work(allocator: &impl GlobalAlloc, seed: u64, kept: usize, asleep: bool, barrier: &Barrier) {
    let mut state = seed;
    // The list's own pages are resident before, and until the end.
    let mut live = vec![(std::ptr::null_mut(), 1); BYTES / 200];
    live.clear();
    barrier.wait();
    barrier.wait();
    let mut bytes = 0;
    while bytes < BYTES {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let size = 16 + (state >> 33) as usize % 497;
        live.push((allocate(allocator, size), size));
        bytes += size;
    }
    barrier.wait();
    barrier.wait();
    let mut n = 0;
    live.retain(|&(block, size)| {
        n += 1;
        let stays = kept > 0 && n % kept == 0;
        if !stays {
            free(allocator, block, size);
        }
        stays
    });
    if !asleep {
        idle(allocator);
    }
    barrier.wait();
    barrier.wait();
    live.iter()
        .for_each(|&(block, size)| free(allocator, block, size));
}

/// A few blocks now and then.
fn idle(allocator: &impl GlobalAlloc) {
    let begin = Instant::now();
    while begin.elapsed() < QUIET {
        for _ in 0..100 {
            free(allocator, allocate(allocator, 100), 100);
        }
        thread::sleep(Duration::from_millis(10));
    }
}

fn allocate(allocator: &impl GlobalAlloc, size: usize) -> *mut u8 {
    // SAFETY: the size is not 0; the block has that many bytes.
    unsafe {
        let block = allocator.alloc(layout(size));
        assert!(!block.is_null(), "out of memory");
        block.write_bytes(1, size);
        block
    }
}

fn free(allocator: &impl GlobalAlloc, block: *mut u8, size: usize) {
    // SAFETY: every block goes back once, with its layout.
    unsafe { allocator.dealloc(block, layout(size)) };
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).unwrap_or(Layout::new::<u64>())
}

/// Resident MiB of this process.
fn resident() -> usize {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = rollup.lines().find(|line| line.starts_with("Rss:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kib.unwrap_or(0) >> 10
}
