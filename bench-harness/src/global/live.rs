//! Many live blocks, one of which is replaced at a time.

use std::alloc::GlobalAlloc;
use std::ops::Range;

use super::block::{Block, allocate, free, words};
use super::crew;
use super::dice::Dice;

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
    let fresh = |dice: &mut Dice| allocate(allocator, words(dice.within(sizes.clone())));
    let prepare = |index| {
        let mut dice = Dice::new(index);
        let n_own = n_live.div_ceil(n_threads);
        let mut blocks: Vec<Block> = (0..n_own).map(|_| fresh(&mut dice)).collect();
        dice.shuffle(&mut blocks);
        replace_some(allocator, &mut blocks, &mut dice, n_each / 8, fresh);
        (blocks, dice)
    };
    let run = |(blocks, dice): &mut (Vec<Block>, Dice)| {
        replace_some(allocator, blocks, dice, n_each, fresh);
    };
    let finish = |(blocks, _): (Vec<Block>, Dice)| {
        blocks.into_iter().for_each(|block| free(allocator, block));
    };
    crew::time(n_threads, prepare, run, finish) / (n_each * n_threads) as f64
}

#[inline]
pub(super) fn replace_some(
    allocator: &impl GlobalAlloc,
    blocks: &mut [Block],
    dice: &mut Dice,
    n: usize,
    fresh: impl Fn(&mut Dice) -> Block,
) {
    for _ in 0..n {
        let index = dice.below(blocks.len());
        free(allocator, blocks[index]);
        blocks[index] = fresh(dice);
    }
}
