//! `rare-large`: a large block is wanted rarely, and then at once.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "rare-large",
    question: "Is a large hole still there when it is wanted again?",
    exposes: "worst-fit",
    weakness: "the largest hole is the first that it cuts up",
    generate,
};

/// Live small blocks, and calls between two large ones.
const N_SMALL: usize = 300;
const LARGE: usize = 64 << 10;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        let large = program.hold(LARGE);
        program.release(large);
        for _ in 0..N_SMALL / 10 {
            if program.n_live() >= N_SMALL {
                program.free_any();
            }
            let size = program.random.within(32, 512);
            program.allocate(size);
        }
    }
    program.finish(WORKLOAD.name)
}
