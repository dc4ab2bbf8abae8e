//! `small-large`: mostly small blocks, now and then a large one.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "small-large",
    question: "How many small holes are passed by on the way to a large one?",
    exposes: "first-fit",
    weakness: "splinters gather at the front of its list, and every larger request walks past them",
    generate,
};

const N_LIVE: usize = 1500;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        if program.n_live() >= N_LIVE {
            program.free_any();
        }
        let size = match program.random.below(8) {
            0 => program.random.within(1500, 3000),
            _ => program.random.within(16, 64),
        };
        program.allocate(size);
    }
    program.finish(WORKLOAD.name)
}
