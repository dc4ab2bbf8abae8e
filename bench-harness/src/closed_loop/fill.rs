//! `fill-to-failure`: how much of a heap is of use before a request fails.

use std::alloc::Layout;
use std::time::{Duration, Instant};

use core_api::Allocator;

use super::Figure;
use super::live::Live;
use crate::workloads::Random;

/// Resizes go up to so many times the largest size that is allocated.
const RESIZED: usize = 10;

/// Fills fresh heaps by the method of the talc crate's `heap_efficiency` benchmark: of ten actions
/// five allocate, one frees, and four resize a block, to any size up to [`RESIZED`] times `largest`.
/// What counts is the share of the heap that is requested bytes at the first refusal. Each round has a
/// seed of its own, so that all allocators begin it alike.
pub(super) fn fill<A: Allocator>(
    make: &mut dyn FnMut() -> A,
    heap: usize,
    largest: usize,
    rounds: u32,
    seed: u64,
    limit: Duration,
) -> Figure {
    let deadline = Instant::now() + limit;
    let mut shares = Vec::new();
    for round in 0..rounds {
        if !shares.is_empty() && Instant::now() > deadline {
            break;
        }
        let mut live = Live::new(make());
        let mut random = Random::new(seed + u64::from(round));
        while act(&mut live, &mut random, largest) {}
        shares.push(live.bytes() as f64 / heap as f64);
    }
    figure(&shares)
}

/// One action; `false` if it was refused.
fn act<A: Allocator>(live: &mut Live<A>, random: &mut Random, largest: usize) -> bool {
    let n_live = live.blocks().len();
    match random.below(10) {
        5 if n_live > 0 => live.free(random.below(n_live)),
        6.. if n_live > 0 => {
            let index = random.below(n_live);
            let align = live.blocks()[index].layout.align();
            return live.resize(index, layout(random.within(1, largest * RESIZED), align));
        }
        _ => {
            let size = small_rather_than_large(random, largest);
            return live.allocate(layout(size, align(random)));
        }
    }
    true
}

/// A size below a bound that is random itself.
fn small_rather_than_large(random: &mut Random, largest: usize) -> usize {
    let bound = random.within(largest.min(16), largest);
    random.within(bound.min(4), bound)
}

/// 8 bytes, or with a likelihood of a quarter each time twice as much.
fn align(random: &mut Random) -> usize {
    let mut align = 8;
    while align < 2048 && random.below(4) == 0 {
        align *= 2;
    }
    align
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).unwrap_or(Layout::new::<u64>())
}

fn figure(shares: &[f64]) -> Figure {
    if shares.is_empty() {
        return Figure::Unknown;
    }
    Figure::Filled {
        mean: shares.iter().sum::<f64>() / shares.len() as f64,
        least: shares.iter().copied().fold(f64::INFINITY, f64::min),
        most: shares.iter().copied().fold(0.0, f64::max),
        rounds: shares.len() as u32,
    }
}
