//! `churn`: a plateau of live blocks, replaced one by one.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload::new(
    "churn",
    "What does steady work cost, in time and holes, when blocks die at random?",
    generate,
);

/// Live blocks on the plateau.
const N_LIVE: usize = 10_000;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        if program.n_live() == N_LIVE {
            program.free_any();
        }
        let size = program.random.size(8, 32 << 10);
        program.allocate(size);
    }
    program.finish(WORKLOAD.name)
}
