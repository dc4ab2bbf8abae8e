//! Zipf's law for sizes, with two laws of lifetime.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Workload;
use super::program::{Held, Program};
use super::random::Random;
use crate::trace::Trace;

pub(super) const EXPONENTIAL: Workload = Workload {
    name: "zipf-exponential",
    question: "What do a few popular sizes cost if every block is as likely to die as another?",
    exposes: "next-fit",
    weakness: "its rover leaves holes behind all over the heap before it comes round again",
    generate: exponential,
};

pub(super) const BIMODAL: Workload = Workload {
    name: "zipf-bimodal",
    question: "Do a few long-lived blocks keep the memory of many short-lived ones apart?",
    exposes: "first-fit",
    weakness: "short-lived blocks cut up what it finds first, and nothing merges it until the heap is full",
    generate: bimodal,
};

/// Popular sizes, the most popular first; the nth is asked for once for every n times of the first.
const SIZES: [usize; 16] = [
    32, 48, 24, 64, 16, 96, 40, 128, 256, 80, 512, 192, 1024, 112, 4096, 2048,
];

/// Live blocks on average under the exponential law.
const N_LIVE: usize = 2000;

fn exponential(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    while program.goes_on() {
        if program.n_live() >= N_LIVE {
            program.free_any();
        }
        let size = size(&mut program.random);
        program.allocate(size);
    }
    program.finish(EXPONENTIAL.name)
}

/// Rounds of bursts: the short-lived blocks of a burst are gone before the next one.
fn bimodal(seed: u64, n_ops: usize) -> Trace {
    let mut program = Program::new(seed, n_ops);
    let mut deaths: BinaryHeap<Reverse<(usize, Held)>> = BinaryHeap::new();
    let mut now = 0;
    while program.goes_on() {
        let size = size(&mut program.random);
        let lifetime = lifetime(&mut program.random);
        deaths.push(Reverse((now + lifetime, program.hold(size))));
        now += 1;
        while let Some(&Reverse((due, block))) = deaths.peek()
            && due <= now
        {
            deaths.pop();
            program.release(block);
        }
    }
    program.finish(BIMODAL.name)
}

/// In allocations: nineteen of twenty blocks live for a thousand at most, the others for twenty
/// times that.
fn lifetime(random: &mut Random) -> usize {
    match random.below(20) {
        0 => random.within(10_000, 20_000),
        _ => random.within(1, 1000),
    }
}

/// A size by Zipf's law with exponent 1: the weight of the nth is 1/n.
fn size(random: &mut Random) -> usize {
    const ONE: usize = 720_720;
    let total: usize = (1..=SIZES.len()).map(|rank| ONE / rank).sum();
    let mut left = random.below(total);
    for (index, size) in SIZES.into_iter().enumerate() {
        let weight = ONE / (index + 1);
        if left < weight {
            return size;
        }
        left -= weight;
    }
    SIZES[0]
}
