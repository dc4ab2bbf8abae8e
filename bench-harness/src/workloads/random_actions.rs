//! `random-actions`: every call at random, with alignments, as Rust allocators are compared.

use super::Workload;
use super::program::Program;
use crate::trace::Trace;

/// The mix is that of the `random_actions` benchmark of the talc crate, with a fixed number of
/// calls in place of a fixed time.
pub(super) const WORKLOAD: Workload = random_actions("random-actions", generate::<1_000>);
/// The same with sizes up to 200 bytes.
pub(super) const SMALL: Workload = random_actions("random-actions-200", generate::<200>);
/// The same with sizes up to 10,000 bytes.
pub(super) const LARGE: Workload = random_actions("random-actions-10000", generate::<10_000>);

const fn random_actions(name: &'static str, generate: fn(u64, usize) -> Trace) -> Workload {
    Workload {
        name,
        question: "What do mixed calls and alignments cost in a small heap?",
        exposes: "freelist",
        weakness: "it cuts nothing off: what an alignment or a smaller request leaves is lost",
        generate,
    }
}

/// The live blocks waver around this many.
const N_LIVE: usize = 300;

fn generate<const LARGEST: usize>(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        match program.random.below(7) {
            0..3 if program.n_live() < 2 * N_LIVE => allocate(&mut program, LARGEST),
            3..6 if program.n_live() > 0 => program.free_any(),
            6 if program.n_live() > 0 => resize(&mut program, LARGEST),
            _ => {}
        }
    }
    program.finish(match LARGEST {
        200 => SMALL.name,
        10_000 => LARGE.name,
        _ => WORKLOAD.name,
    })
}

fn allocate(program: &mut Program, largest: usize) {
    let size = size(program, largest);
    let align = align(program);
    program.allocate_aligned(size, align);
}

fn resize(program: &mut Program, largest: usize) {
    let index = program.random.below(program.n_live());
    let size = size(program, largest);
    program.resize(index, size);
}

/// Uniform below a bound that is itself uniform: smaller sizes are likelier.
fn size(program: &mut Program, largest: usize) -> usize {
    let largest = program.random.within(16, largest);
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
