//! What several threads cost each other: `cargo run --release -p malloc-ladder-mmap-backed --example one_lock`.
//!
//! Every thread replaces random blocks of 16 to 512 bytes among a thousand of its own. Without
//! sharing, twice the threads would do twice the work in the same time, up to the number of
//! processors.

use std::thread;
use std::time::Instant;

#[global_allocator]
static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();

const OPERATIONS: u64 = 2_000_000;

fn main() {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    println!("{processors} processors; an operation is one free and one allocation");
    for n_threads in [1, 2, 4, 8] {
        let begin = Instant::now();
        thread::scope(|scope| {
            for seed in 1..=n_threads {
                scope.spawn(move || churn(seed, OPERATIONS / n_threads));
            }
        });
        let time = begin.elapsed();
        println!(
            "{n_threads} threads: {:6.1} ns for each of {OPERATIONS} operations together",
            time.as_nanos() as f64 / OPERATIONS as f64,
        );
    }
}

fn churn(seed: u64, operations: u64) {
    let mut blocks: Vec<Vec<u8>> = (0..1000).map(|_| Vec::new()).collect();
    let mut state = seed;
    for _ in 0..operations {
        // Knuth's MMIX generator: good enough to pick a slot and a size.
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let (slot, size) = (state >> 33, 16 << (state >> 60 & 3));
        blocks[slot as usize % 1000] = Vec::with_capacity(size as usize * 3);
    }
}
