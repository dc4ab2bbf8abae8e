//! Many threads for a long time, every block verified and every invariant checked: `cargo run
//! --release -p thread-cached --example stress -- [--seconds N] [--threads N]`.
//!
//! Threads allocate, grow, shrink, verify, pass on and free blocks of all sizes; some end and are
//! replaced. Now and then one of them checks every heap that it can look into, or purges.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};
use std::{process, thread};

use core_api::Inspect;
use thread_cached::ThreadCached;

#[global_allocator]
static GLOBAL: ThreadCached = ThreadCached::new();

static OPERATIONS: AtomicU64 = AtomicU64::new(0);

fn main() {
    let [seconds, n_threads] = [("--seconds", 10), ("--threads", 4)].map(option);
    let end = Instant::now() + Duration::from_secs(seconds);
    let (pass, passed) = sync_channel(1000);
    // One thread only frees.
    let collector = thread::spawn(move || collect(passed));
    thread::scope(|scope| {
        for slot in 0..n_threads {
            let pass = pass.clone();
            scope.spawn(move || {
                for generation in 0.. {
                    if Instant::now() >= end {
                        break;
                    }
                    let (pass, seed) = (pass.clone(), slot << 32 | generation);
                    let worker = thread::spawn(move || work(seed + 1, end, &pass));
                    worker.join().unwrap_or_else(|_| process::abort());
                }
            });
        }
    });
    drop(pass);
    let collected = collector.join().unwrap_or_else(|_| process::abort());
    check();
    println!(
        "{} operations in {seconds} s on {n_threads} threads, {collected} blocks freed by another \
         thread, every invariant holds; {} KiB resident, {} after a purge",
        OPERATIONS.load(Ordering::Relaxed),
        resident() >> 10,
        {
            GLOBAL.purge();
            resident() >> 10
        }
    );
}

/// One thread's life: about a hundred thousand operations.
fn work(seed: u64, end: Instant, pass: &SyncSender<Vec<u8>>) {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut live: Vec<Vec<u8>> = Vec::new();
    for operation in 0..100_000_u64 {
        match random.below(16) {
            0..6 => live.push(filled(random.size())),
            6..8 if !live.is_empty() => {
                let index = random.below(live.len());
                resize(&mut live[index], random.size());
            }
            8..10 if !live.is_empty() => {
                let block = live.swap_remove(random.below(live.len()));
                verify(&block);
                let _ = pass.try_send(block);
            }
            _ if !live.is_empty() => verify(&live.swap_remove(random.below(live.len()))),
            _ => {}
        }
        OPERATIONS.fetch_add(1, Ordering::Relaxed);
        if operation % 10_000 == 9_999 {
            check();
            if random.below(4) == 0 {
                GLOBAL.purge();
            }
            if Instant::now() >= end {
                break;
            }
        }
    }
    live.iter().for_each(|block| verify(block));
}

fn collect(passed: Receiver<Vec<u8>>) -> usize {
    passed.iter().inspect(|block| verify(block)).count()
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
        eprintln!("a block of {} bytes has changed", block.len());
        process::abort();
    }
}

fn check() {
    if let Err(corruption) = GLOBAL.check() {
        eprintln!("{corruption}");
        process::abort();
    }
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
