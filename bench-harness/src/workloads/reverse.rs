//! `reverse`: rows of growing blocks, freed so that the largest is on top of a LIFO list.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "reverse",
    question: "What does the order of frees do to the next requests?",
    exposes: "freelist",
    weakness: "its list begins with the largest block, and the smallest request takes it",
    generate,
};

/// Blocks of a row.
const N_BLOCKS: usize = 500;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        let step = program.random.within(8, 16);
        for index in 1..=N_BLOCKS {
            program.allocate(index * step);
        }
        // In the order of allocation: the largest is freed last.
        program.free_all();
    }
    program.finish(WORKLOAD.name)
}
