//! What a read costs: cache lines, and translations of addresses.
//!
//! ```text
//! cargo run --release -p malloc-ladder-core-api --example cache_lines
//! ```

use std::hint::black_box;
use std::time::Instant;

const WORD: usize = size_of::<usize>();

fn main() {
    passes();
    println!();
    chases();
}

/// One pass over 64 MiB, with ever fewer bytes touched.
fn passes() {
    let mut memory = vec![1_u8; 64 << 20];
    println!("one pass over 64 MiB: bytes apart, ms, ns a byte");
    for apart in [1, 4, 16, 32, 64, 128, 256, 1024, 4096] {
        let ns = fastest(|| {
            for byte in black_box(&mut memory[..]).iter_mut().step_by(apart) {
                *byte = byte.wrapping_add(1);
            }
        });
        let n = (64 << 20) / apart;
        println!("  {apart:5} {:7.2} {:7.2}", ns / 1e6, ns / n as f64);
    }
}

/// From line to line in random order, each read waiting for the one before.
fn chases() {
    println!("ns a read: lines, side by side, each in a page of its own");
    for n in [64, 512, 4096, 32768] {
        let beside = chase(n, 64);
        // Not 4096, so that the lines do not all compete for one place of the cache.
        let apart = chase(n, 4096 + 64);
        println!("  {n:5} {beside:7.2} {apart:7.2}");
    }
}

/// The time of one read in a circle through `n` lines, `apart` bytes from each to the next.
fn chase(n: usize, apart: usize) -> f64 {
    let mut order: Vec<usize> = (0..n).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for last in (1..n).rev() {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        order.swap(last, (random % last as u64) as usize);
    }
    // A word of each line holds the place of the next line.
    let mut next = vec![0; n * apart / WORD];
    for (from, to) in order.iter().zip(order.iter().cycle().skip(1)) {
        next[from * apart / WORD] = to * apart / WORD;
    }
    const READS: usize = 1 << 20;
    let ns = fastest(|| {
        let mut at = 0;
        for _ in 0..READS {
            at = next[at];
        }
        black_box(at);
    });
    ns / READS as f64
}

/// Nanoseconds of the fastest of five runs.
fn fastest(mut run: impl FnMut()) -> f64 {
    let times = (0..5).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64
    });
    times.fold(f64::INFINITY, f64::min)
}
