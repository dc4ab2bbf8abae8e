//! `thread-churn`: many threads that each live for a short while and leave blocks behind.

use super::ThreadedWorkload;
use super::workers::Workers;
use crate::trace::Trace;

pub(super) const WORKLOAD: ThreadedWorkload = ThreadedWorkload {
    name: "thread-churn",
    question: "What becomes of the memory of threads that are gone?",
    exposes: "mmap-backed",
    weakness: "one lock: it loses nothing with a thread, and gains nothing from one",
    generate,
};

/// Threads that come and go, for each that runs at a time.
const N_GENERATIONS: u16 = 8;

/// Blocks that a thread leaves to its successor.
const N_LEFT: usize = 50;

/// Each thread of a generation works on blocks of its own, frees its predecessor's, and is gone.
fn generate(seed: u64, n_ops: usize, n_threads: u16) -> Trace {
    let n_threads = n_threads.clamp(1, u16::MAX / N_GENERATIONS);
    let mut workers = Workers::new(seed, n_ops);
    let mut left = vec![Vec::new(); usize::from(n_threads)];
    while workers.goes_on() {
        let generation = workers.n_calls() * usize::from(N_GENERATIONS) / n_ops;
        let first = n_threads * generation as u16;
        for (thread, blocks) in (first..).zip(&mut left) {
            if blocks.len() > N_LEFT {
                let index = workers.random().below(blocks.len());
                workers.free(thread, blocks.swap_remove(index));
            }
            let size = workers.random().size(16, 4096);
            blocks.push(workers.allocate(thread, size));
        }
    }
    workers.finish(WORKLOAD.name)
}
