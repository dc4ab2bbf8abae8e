//! `growth`: nothing is ever freed.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "growth",
    question: "What does a block cost beyond its bytes when all of them stay?",
    exposes: "freelist",
    weakness: "eight bytes of header on every block; bump has none",
    generate,
};

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        let size = program.random.size(8, 256);
        program.allocate(size);
    }
    program.finish(WORKLOAD.name)
}
