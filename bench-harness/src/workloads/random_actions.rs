//! `random-actions`: every call at random, with alignments, as Rust allocators are compared.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

/// The mix is that of the `random_actions` benchmark of the talc crate, with a fixed number of
/// calls in place of a fixed time.
pub(super) const WORKLOAD: Workload = Workload::new(
    "random-actions",
    "What do mixed calls and alignments cost in a small heap?",
    generate,
);

/// The live blocks waver around this many.
const N_LIVE: usize = 300;

/// The largest size.
const LARGEST: usize = 1000;

fn generate(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        match program.random.below(7) {
            0..3 if program.n_live() < 2 * N_LIVE => allocate(&mut program),
            3..6 if program.n_live() > 0 => program.free_any(),
            6 if program.n_live() > 0 => resize(&mut program),
            _ => {}
        }
    }
    program.finish(WORKLOAD.name)
}

fn allocate(program: &mut Program) {
    let size = size(program);
    let align = align(program);
    program.allocate_aligned(size, align);
}

fn resize(program: &mut Program) {
    let index = program.random.below(program.n_live());
    let size = size(program);
    program.resize(index, size);
}

/// Uniform below a bound that is itself uniform: smaller sizes are likelier.
fn size(program: &mut Program) -> usize {
    let largest = program.random.within(16, LARGEST);
    program.random.within(4, largest)
}

/// A word's for three in four; then each doubling for three in four of the rest.
fn align(program: &mut Program) -> u32 {
    let mut align = 8;
    while align < 4096 && program.random.below(4) == 0 {
        align *= 2;
    }
    align
}
