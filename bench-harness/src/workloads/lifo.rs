//! `lifo`: a stack of blocks.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "lifo",
    question: "Is the block freed last the place for the next one, whatever its size?",
    exposes: "freelist",
    weakness: "a large block freed last is given whole to a small request; bump just moves back",
    generate,
};

/// The stack is this deep at most.
const DEEPEST: usize = 1000;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        for _ in 0..program.random.below(DEEPEST - program.n_live()) {
            let size = program.random.size(16, 4096);
            program.allocate(size);
        }
        for _ in 0..program.random.below(program.n_live() + 1) {
            program.free(program.n_live() - 1);
        }
    }
    program.finish(WORKLOAD.name)
}
