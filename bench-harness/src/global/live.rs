//! Many live blocks, one of which is replaced at a time.

use std::alloc::GlobalAlloc;
use std::ops::Range;

use super::block::{Block, allocate, free, words};
use super::rng::Rng;
use super::workers;

/// Nanoseconds of one free and one allocation, of `n`, among `n_live` blocks of all threads
/// together with sizes in `sizes`.
pub(super) fn replace(
    allocator: &(impl GlobalAlloc + Sync),
    n_threads: usize,
    n: usize,
    n_live: usize,
    sizes: Range<usize>,
) -> f64 {
    let n_each = n.div_ceil(n_threads);
    let fresh = |rng: &mut Rng| allocate(allocator, words(rng.within(sizes.clone())));
    let prepare = |index| {
        let mut rng = Rng::new(index);
        let n_own = n_live.div_ceil(n_threads);
        let mut blocks: Vec<Block> = (0..n_own).map(|_| fresh(&mut rng)).collect();
        rng.shuffle(&mut blocks);
        replace_some(allocator, &mut blocks, &mut rng, n_each / 8, fresh);
        (blocks, rng)
    };
    let run = |(blocks, rng): &mut (Vec<Block>, Rng)| {
        replace_some(allocator, blocks, rng, n_each, fresh);
    };
    let finish = |(blocks, _): (Vec<Block>, Rng)| {
        blocks.into_iter().for_each(|block| free(allocator, block));
    };
    workers::time(n_threads, prepare, run, finish) / (n_each * n_threads) as f64
}

#[inline]
pub(super) fn replace_some(
    allocator: &impl GlobalAlloc,
    blocks: &mut [Block],
    rng: &mut Rng,
    n: usize,
    fresh: impl Fn(&mut Rng) -> Block,
) {
    for _ in 0..n {
        let index = rng.below(blocks.len());
        free(allocator, blocks[index]);
        blocks[index] = fresh(rng);
    }
}
