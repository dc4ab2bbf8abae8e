//! Batches of blocks of one size, short ones and long ones.

use std::alloc::GlobalAlloc;

use super::block::{Block, allocate, free, words};
use super::workers;

/// Blocks of a batch.
const LENS: [usize; 4] = [25, 100, 400, LONGEST];
const LONGEST: usize = 1_600;
/// Bytes of a block.
const SIZES: [usize; 8] = [8, 16, 24, 40, 64, 112, 256, 512];
/// Blocks of a round: as many in batches of each length and size.
const ROUND: usize = LENS.len() * SIZES.len() * LONGEST;

/// Nanoseconds of one block and its free, of `n` or some more: the first of a batch is freed first.
pub(super) fn batches(allocator: &(impl GlobalAlloc + Sync), n_threads: usize, n: usize) -> f64 {
    let n_rounds = n.div_ceil(n_threads * ROUND);
    let prepare = |_| {
        let mut blocks = Vec::with_capacity(LONGEST);
        (0..n_rounds.div_ceil(8)).for_each(|_| round(allocator, &mut blocks));
        blocks
    };
    let run = |blocks: &mut Vec<Block>| (0..n_rounds).for_each(|_| round(allocator, blocks));
    let nanos = workers::time(n_threads, prepare, run, drop);
    nanos / (n_rounds * n_threads * ROUND) as f64
}

fn round(allocator: &impl GlobalAlloc, blocks: &mut Vec<Block>) {
    for len in LENS {
        for size in SIZES {
            for _ in 0..LONGEST / len {
                blocks.extend((0..len).map(|_| allocate(allocator, words(size))));
                blocks.drain(..).for_each(|block| free(allocator, block));
            }
        }
    }
}
