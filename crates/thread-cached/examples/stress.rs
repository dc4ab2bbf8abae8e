//! Many threads for a long time, every block verified and every invariant checked: `cargo run
//! --release -p malloc-ladder-thread-cached --example stress -- [--seconds N] [--threads N]`.
//!
//! Threads allocate, grow, shrink, verify, pass on and free blocks of all sizes; each ends after a
//! hundred thousand operations, and another takes its place. Every ten thousand operations a thread
//! checks its own heap, those that nobody has, and what can be seen of the others; now and then it
//! purges, or fills a first-class heap, of which others free a part. One thread only frees, and one
//! forks: the child allocates, verifies and checks. What is wrong ends the process with a line about
//! it; else the last line says how much was done.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use std::{fmt, process, thread};

use core_api::{Allocator, Corruption, Inspect};
use thread_cached::{PrivateHeap, ThreadCached};

#[global_allocator]
static GLOBAL: ThreadCached = ThreadCached::new();

/// Operations of a thread's life, and between two checks.
const LIFE: u64 = 100_000;
const CHECK_EVERY: u64 = 10_000;

/// From one fork to the next, and from one line of progress to the next.
const FORK_EVERY: Duration = Duration::from_millis(500);
const SAY_EVERY: Duration = Duration::from_secs(30);

/// What is counted, in the order of [`NAMES`].
#[derive(Clone, Copy)]
enum Did {
    Operation,
    FreeElsewhere,
    Birth,
    Heap,
    Check,
    Purge,
    Fork,
}

const NAMES: [&str; 7] = [
    "operations",
    "blocks freed by another thread",
    "threads born",
    "heaps destroyed",
    "checks",
    "purges",
    "forks",
];

static DONE: Done = Done([const { AtomicU64::new(0) }; NAMES.len()]);

struct Done([AtomicU64; NAMES.len()]);

fn count(did: Did) {
    DONE.0[did as usize].fetch_add(1, Ordering::Relaxed);
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (count, name)) in self.0.iter().zip(NAMES).enumerate() {
            let before = if index == 0 { "" } else { ", " };
            write!(f, "{before}{} {name}", count.load(Ordering::Relaxed))?;
        }
        Ok(())
    }
}

fn main() {
    let [seconds, n_threads] = [("--seconds", 10), ("--threads", 4)].map(option);
    let start = Instant::now();
    let end = start + Duration::from_secs(seconds);
    let (pass, passed) = sync_channel(1000);
    let collector = thread::spawn(move || collect(passed));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| fork_now_and_then(&is_over));
        scope.spawn(|| say_now_and_then(start, &is_over));
        let slots = (0..n_threads).map(|slot| {
            let pass = pass.clone();
            scope.spawn(move || generations(slot, end, &pass))
        });
        let slots: Vec<_> = slots.collect();
        slots.into_iter().for_each(|slot| ended(slot.join()));
        is_over.store(true, Ordering::Relaxed);
    });
    drop(pass);
    ended(collector.join());
    check();
    let before = resident();
    GLOBAL.purge();
    println!(
        "{DONE} in {seconds} s on {n_threads} threads: every invariant holds, no byte changed; \
         {} KiB resident, {} after a purge",
        before >> 10,
        resident() >> 10
    );
}

/// A thread that panicked has said why.
fn ended<T>(thread: thread::Result<T>) {
    if thread.is_err() {
        process::abort();
    }
}

/// One thread after the other.
fn generations(slot: u64, end: Instant, pass: &SyncSender<Vec<u8>>) {
    for generation in 0.. {
        if Instant::now() >= end {
            break;
        }
        let (pass, seed) = (pass.clone(), slot << 32 | generation);
        count(Did::Birth);
        ended(thread::spawn(move || work(seed + 1, end, &pass)).join());
    }
}

/// One thread's life.
fn work(seed: u64, end: Instant, pass: &SyncSender<Vec<u8>>) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut live: Vec<Vec<u8>> = Vec::new();
    for operation in 1..=LIFE {
        operate(&mut live, &mut random, pass);
        count(Did::Operation);
        if operation % CHECK_EVERY == 0 {
            look_after(&mut random);
            if Instant::now() >= end {
                break;
            }
        }
    }
    live.iter().for_each(|block| verify(block));
}

fn operate(live: &mut Vec<Vec<u8>>, random: &mut Random, pass: &SyncSender<Vec<u8>>) {
    match random.below(16) {
        0..6 => live.push(filled(random.size())),
        6..8 if !live.is_empty() => {
            let index = random.below(live.len());
            resize(&mut live[index], random.size());
        }
        8..10 if !live.is_empty() => {
            let block = live.swap_remove(random.below(live.len()));
            verify(&block);
            // Where the queue is full, the block is freed here.
            let _ = pass.try_send(block);
        }
        _ if !live.is_empty() => verify(&live.swap_remove(random.below(live.len()))),
        _ => {}
    }
}

fn look_after(random: &mut Random) {
    check();
    if random.below(4) == 0 {
        GLOBAL.purge();
        count(Did::Purge);
    }
    if random.below(4) == 0 {
        fill_a_heap(random);
        count(Did::Heap);
    }
}

/// A heap that ends with a third of its blocks: it freed a third itself, and the thread's own heap
/// the last.
fn fill_a_heap(random: &mut Random) {
    let Ok(mut heap) = PrivateHeap::new() else {
        return fail("there is no address space for a heap");
    };
    let layouts = (0..1000).filter_map(|_| Layout::from_size_align(random.size(), 8).ok());
    for (index, layout) in layouts.enumerate() {
        let Ok(block) = heap.allocate(layout) else {
            return fail("a heap has no room");
        };
        let block = block.cast();
        // SAFETY: the block is live, has that many bytes, and is freed at most once.
        unsafe {
            block.write_bytes(stamp(layout.size()), layout.size());
            match index % 3 {
                0 => heap.deallocate(block, layout),
                1 => GLOBAL.dealloc(block.as_ptr(), layout),
                _ => {}
            }
        }
    }
    hold(heap.check());
}

fn collect(passed: Receiver<Vec<u8>>) {
    for block in passed {
        verify(&block);
        count(Did::FreeElsewhere);
    }
}

fn say_now_and_then(start: Instant, is_over: &AtomicBool) {
    let mut next = SAY_EVERY;
    while !is_over.load(Ordering::Relaxed) {
        thread::sleep(Duration::from_millis(100));
        if start.elapsed() >= next {
            eprintln!("{:>6} s: {DONE}", next.as_secs());
            next += SAY_EVERY;
        }
    }
}

fn fork_now_and_then(is_over: &AtomicBool) {
    while !is_over.load(Ordering::Relaxed) {
        thread::sleep(FORK_EVERY);
        if !child_succeeds() {
            fail("a child failed");
        }
        count(Did::Fork);
    }
}

/// Whether a child of this process, in which other threads are anywhere in the allocator, can go on
/// with the heaps as they are, within a minute.
fn child_succeeds() -> bool {
    // SAFETY: the child calls the allocator, which is what is tested, and what may be called
    // between `fork` and `_exit`.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            libc::alarm(60);
            let mut random = Random(99);
            let blocks: Vec<_> = (0..1000).map(|_| filled(random.size())).collect();
            blocks.iter().for_each(|block| verify(block));
            hold(GLOBAL.check());
            drop(blocks);
            hold(GLOBAL.check());
            libc::_exit(0);
        }
        let mut status = 0;
        libc::waitpid(child, &mut status, 0) == child && status == 0
    }
}

fn filled(len: usize) -> Vec<u8> {
    vec![stamp(len); len]
}

const fn stamp(len: usize) -> u8 {
    (len % 251) as u8
}

fn resize(block: &mut Vec<u8>, len: usize) {
    let old = block.len();
    block.resize(len, stamp(old));
    block.shrink_to_fit();
    verify_bytes(block, stamp(old));
    block.fill(stamp(len));
}

fn verify(block: &[u8]) {
    verify_bytes(block, stamp(block.len()));
}

fn verify_bytes(block: &[u8], stamp: u8) {
    if block.iter().any(|&byte| byte != stamp) {
        fail(&format!("a block of {} bytes has changed", block.len()));
    }
}

fn check() {
    hold(GLOBAL.check());
    count(Did::Check);
}

fn hold(invariants: Result<(), Corruption>) {
    if let Err(corruption) = invariants {
        fail(&corruption.to_string());
    }
}

fn fail(why: &str) {
    eprintln!("{why}, after {DONE}");
    process::abort();
}

struct Random(u64);

impl Random {
    /// xorshift64* (Vigna 2016).
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % end
    }

    /// Mostly small, now and then up to 4 MiB.
    fn size(&mut self) -> usize {
        let log2_end = [
            9,
            9,
            9,
            9,
            12,
            12,
            15,
            if self.below(16) == 0 { 22 } else { 17 },
        ];
        let end = log2_end[self.below(8)] + 1;
        let log2 = self.below(end);
        1 + self.below(1 << log2)
    }
}

/// The number behind an option, or the default.
fn option((name, default): (&str, u64)) -> u64 {
    let mut args = std::env::args().skip_while(|arg| arg != name);
    let number = args.nth(1).and_then(|number| number.parse().ok());
    number.unwrap_or(default)
}

/// Resident bytes of this process.
fn resident() -> usize {
    let rollup = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = rollup.lines().find(|line| line.starts_with("Rss:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<usize>().ok());
    kib.unwrap_or(0) << 10
}
