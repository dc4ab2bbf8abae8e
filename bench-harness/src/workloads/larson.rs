//! `larson`: a server's threads replace blocks at random, and leave theirs to other threads.

use super::ThreadedWorkload;
use super::program::Held;
use super::workers::Workers;
use crate::trace::Trace;

/// The sizes are those that mimalloc-bench runs Larson and Krishnan's benchmark with ("Memory
/// allocation for long-running server applications", ISMM 1998); there a thread ends and a new one
/// takes its blocks over, here the threads pass them on in a ring.
pub(super) const WORKLOAD: ThreadedWorkload = ThreadedWorkload {
    name: "larson",
    question: "What do frees of other threads' blocks cost a server?",
    exposes: "mmap-backed",
    weakness: "one lock: every call of every thread waits for it",
    generate,
};

/// Blocks of a thread.
const N_BLOCKS: usize = 1000;

/// Replacements of a thread before the blocks are passed on.
const N_ROUNDS: usize = 2000;

fn generate(seed: u64, n_ops: usize, n_threads: u16) -> Trace {
    let n_threads = n_threads.max(1);
    let mut workers = Workers::new(seed, n_ops);
    let mut tables: Vec<Vec<Held>> = vec![Vec::new(); usize::from(n_threads)];
    for _ in 0..N_BLOCKS {
        for (thread, table) in (0..).zip(&mut tables) {
            let size = workers.random().within(8, 1000);
            table.push(workers.allocate(thread, size));
        }
    }
    while workers.goes_on() {
        for _ in 0..N_ROUNDS {
            for (thread, table) in (0..).zip(&mut tables) {
                let index = workers.random().below(N_BLOCKS);
                workers.free(thread, table[index]);
                let size = workers.random().within(8, 1000);
                table[index] = workers.allocate(thread, size);
            }
        }
        tables.rotate_right(1);
    }
    workers.finish(WORKLOAD.name)
}
