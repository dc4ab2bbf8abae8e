//! `fill-to-failure`: how much of a heap is of use before a request fails.

use std::alloc::Layout;
use std::time::{Duration, Instant};

use core_api::Allocator;

use super::Figure;
use super::live::Live;
use crate::trace::PLAIN_ALIGN;
use crate::workloads::Random;

/// Resizes that one action is made of, as in talc's benchmark.
const N_RESIZES: usize = 10;

/// Fills fresh heaps by the method of the talc crate's `heap_efficiency` benchmark: of ten actions
/// five allocate, one frees, and four resize one block ten times over. The sizes are uniform up to
/// `largest`. What counts is the share of the heap that is requested bytes at the first refusal.
pub(super) fn fill<A: Allocator>(
    make: &mut dyn FnMut() -> A,
    heap: usize,
    largest: usize,
    rounds: u32,
    seed: u64,
    limit: Duration,
) -> Figure {
    let deadline = Instant::now() + limit;
    let mut random = Random::new(seed);
    let mut shares = Vec::new();
    for _ in 0..rounds {
        if !shares.is_empty() && Instant::now() > deadline {
            break;
        }
        let mut live = Live::new(make());
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
            return (0..N_RESIZES).all(|_| live.resize(index, layout(random, largest)));
        }
        _ => return live.allocate(layout(random, largest)),
    }
    true
}

fn layout(random: &mut Random, largest: usize) -> Layout {
    let size = random.within(1, largest);
    Layout::from_size_align(size, PLAIN_ALIGN as usize).unwrap_or(Layout::new::<u64>())
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
