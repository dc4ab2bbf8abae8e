//! Blocks that one thread allocates and another frees.

use std::collections::VecDeque;

use super::ThreadedWorkload;
use super::program::Held;
use super::workers::Workers;
use crate::trace::Trace;

/// The sizes are those of the `xmalloc-test` benchmark.
pub(super) const WORKLOAD: ThreadedWorkload = ThreadedWorkload {
    name: "producer-consumer",
    question: "Does memory come back to the thread that allocates if another one frees?",
    exposes: "mmap-backed",
    weakness: "one lock: producers and consumers take turns although they share no block at a time",
    generate: pairs,
};

pub(super) const ASYMMETRIC: ThreadedWorkload = ThreadedWorkload {
    name: "asymmetric-frees",
    question: "What does one thread cost that frees for all others?",
    exposes: "mmap-backed",
    weakness: "one lock, held most of the time by the thread that frees",
    generate: asymmetric,
};

const SIZES: [usize; 17] = [
    8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048,
];

/// Blocks handed over at a time, and batches on their way.
const BATCH: usize = 64;
const N_BATCHES: usize = 8;

/// Every even thread produces for the odd one after it.
fn pairs(seed: u64, n_ops: usize, n_threads: u16) -> Trace {
    let n_pairs = (n_threads / 2).max(1);
    let routes: Vec<(u16, u16)> = (0..n_pairs).map(|pair| (2 * pair, 2 * pair + 1)).collect();
    batches(WORKLOAD.name, seed, n_ops, &routes)
}

/// The last thread frees what all others allocate.
fn asymmetric(seed: u64, n_ops: usize, n_threads: u16) -> Trace {
    let consumer = n_threads.max(2) - 1;
    let routes: Vec<(u16, u16)> = (0..consumer).map(|producer| (producer, consumer)).collect();
    batches(ASYMMETRIC.name, seed, n_ops, &routes)
}

/// Batches of blocks along routes from producer to consumer.
fn batches(name: &str, seed: u64, n_ops: usize, routes: &[(u16, u16)]) -> Trace {
    let mut workers = Workers::new(seed, n_ops);
    let mut queues: Vec<VecDeque<Vec<Held>>> = vec![VecDeque::new(); routes.len()];
    while workers.goes_on() {
        for ((producer, consumer), queue) in routes.iter().zip(&mut queues) {
            queue.push_back(batch(&mut workers, *producer));
            if queue.len() > N_BATCHES {
                for block in queue.pop_front().unwrap_or_default() {
                    workers.free(*consumer, block);
                }
            }
        }
    }
    workers.finish(name)
}

fn batch(workers: &mut Workers, producer: u16) -> Vec<Held> {
    let mut blocks = Vec::with_capacity(BATCH);
    for _ in 0..BATCH {
        let size = SIZES[workers.random().below(SIZES.len())];
        blocks.push(workers.allocate(producer, size));
    }
    blocks
}
