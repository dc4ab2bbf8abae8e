//! Do blocks of different threads lie in one cache line? Then each write waits for the other's.

use std::alloc::GlobalAlloc;

use super::block::{Block, allocate, free, words};
use super::workers;

/// Bytes of a block: eight fit in a cache line.
const LEN: usize = 8;
/// Writes to each block.
const N_WRITES: usize = 100;

/// Nanoseconds of a block with its writes and its free, of `n`.
///
/// One thread allocates the first block of each thread, side by side; whoever hands such blocks out
/// again to those who freed them makes them share cache lines from then on.
pub(super) fn sharing(allocator: &(impl GlobalAlloc + Sync), n_threads: usize, n: usize) -> f64 {
    let first: Vec<Block> = (0..n_threads)
        .map(|_| allocate(allocator, words(LEN)))
        .collect();
    let n_each = n.div_ceil(n_threads);
    let run = |block: &mut Block| {
        for _ in 0..n_each {
            write(*block);
            free(allocator, *block);
            *block = allocate(allocator, words(LEN));
        }
    };
    let finish = |block| free(allocator, block);
    let nanos = workers::time(n_threads, |index| first[index], run, finish);
    nanos / (n_each * n_threads) as f64
}

fn write(block: Block) {
    for n in 0..N_WRITES {
        // SAFETY: a byte of a live block; volatile, so that each write is made.
        unsafe { block.start.add(n % LEN).write_volatile(n as u8) };
    }
}
