//! `binary`: small blocks that stay between large ones that go.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

/// The shape is that of the malloc labs' `binary` traces.
pub(super) const WORKLOAD: Workload = Workload {
    name: "binary",
    question: "What becomes of holes that small neighbours keep apart?",
    exposes: "coalescing",
    weakness: "it puts small blocks between large ones; none of the holes serves a size a little larger",
    generate,
};

/// Pairs of a round.
const N_PAIRS: usize = 1000;
const SMALL: usize = 64;
const LARGE: usize = 448;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        for _ in 0..N_PAIRS {
            program.allocate(SMALL);
            program.allocate(LARGE);
        }
        free_every_second(&mut program);
        for _ in 0..N_PAIRS {
            let more = program.random.within(1, 64);
            program.allocate(LARGE + more);
        }
        program.free_all();
    }
    program.finish(WORKLOAD.name)
}

/// Frees the large blocks. Going down, each free moves only a block that was looked at before.
fn free_every_second(program: &mut Program) {
    for index in (1..2 * N_PAIRS).rev().step_by(2) {
        program.free(index);
    }
}
