//! `realloc-grow`: buffers that grow by and by, among small blocks that come and go.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

pub(super) const WORKLOAD: Workload = Workload {
    name: "realloc-grow",
    question: "Do growing buffers stay where they are, or are they copied at each step?",
    exposes: "freelist",
    weakness: "a buffer that moves leaves a large block behind, and a small request takes it whole",
    generate,
};

/// Buffers that grow at the same time.
const N_BUFFERS: usize = 32;

/// A buffer is done at this size.
const LARGEST: usize = 64 << 10;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    let mut sizes = [64; N_BUFFERS];
    for size in sizes {
        program.allocate(size);
    }
    while program.goes_on() {
        let buffer = program.random.below(N_BUFFERS);
        sizes[buffer] = next_size(&mut program, sizes[buffer]);
        program.resize(buffer, sizes[buffer]);
        let scratch = program.random.size(16, 1024);
        program.allocate(scratch);
        if program.n_live() > 4 * N_BUFFERS {
            let index = program.random.within(N_BUFFERS, program.n_live() - 1);
            program.free(index);
        }
    }
    program.finish(WORKLOAD.name)
}

/// A half more, as vectors and strings grow; a buffer that is done starts again.
fn next_size(program: &mut Program, size: usize) -> usize {
    if size >= LARGEST {
        return program.random.within(32, 96);
    }
    size + size / 2
}
