//! `coalescing`: neighbours are freed, and what is wanted next is twice as large.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "coalescing",
    question: "Can two free neighbours serve one request of twice the size?",
    exposes: "freelist",
    weakness: "it never merges: it fails with most of its heap free",
    generate,
};

/// Blocks of the first round; every next one has half as many.
const N_BLOCKS: usize = 1024;

/// The size in the first round; every next one's is twice as large.
const SMALLEST: usize = 4096;

/// Rounds before the sizes start again.
const N_ROUNDS: u32 = 8;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        for round in 0..N_ROUNDS {
            let less = program.random.below(64);
            for _ in 0..N_BLOCKS >> round {
                program.allocate((SMALLEST << round) - less);
            }
            program.free_all();
        }
    }
    program.finish(WORKLOAD.name)
}
