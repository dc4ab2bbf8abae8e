//! A thousand blocks, then a thousand frees.

use std::alloc::GlobalAlloc;

use super::block::{Block, SMALL, allocate, free, words};
use super::rng::Rng;
use super::workers;

/// Blocks that are live together.
const LEN: usize = 1000;

/// The order in which a batch is freed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Order {
    /// The last first.
    Lifo,
    /// The first first.
    Fifo,
    /// Any.
    Random,
}

/// What a thread uses again for each batch.
struct Batch {
    sizes: Vec<usize>,
    order: Vec<usize>,
    blocks: Vec<Block>,
}

impl Batch {
    fn new(seed: usize, order: Order) -> Self {
        let mut rng = Rng::new(seed);
        let mut indexes: Vec<usize> = (0..LEN).collect();
        match order {
            Order::Lifo => indexes.reverse(),
            Order::Fifo => {}
            Order::Random => rng.shuffle(&mut indexes),
        }
        Self {
            sizes: (0..LEN).map(|_| rng.within(SMALL)).collect(),
            order: indexes,
            blocks: Vec::with_capacity(LEN),
        }
    }

    fn run(&mut self, allocator: &impl GlobalAlloc) {
        self.blocks.clear();
        for &size in &self.sizes {
            self.blocks.push(allocate(allocator, words(size)));
        }
        for &index in &self.order {
            free(allocator, self.blocks[index]);
        }
    }
}

/// Nanoseconds of one block and its free, of `n`.
pub(super) fn batches(
    allocator: &(impl GlobalAlloc + Sync),
    n_threads: usize,
    n: usize,
    order: Order,
) -> f64 {
    let n_each = n.div_ceil(n_threads * LEN);
    let prepare = |index| {
        let mut batch = Batch::new(index, order);
        (0..n_each.div_ceil(8)).for_each(|_| batch.run(allocator));
        batch
    };
    let run = |batch: &mut Batch| (0..n_each).for_each(|_| batch.run(allocator));
    let nanos = workers::time(n_threads, prepare, run, drop);
    nanos / (n_each * n_threads * LEN) as f64
}
