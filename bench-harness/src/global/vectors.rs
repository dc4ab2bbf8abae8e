//! Vectors that grow side by side, an element at a time, until they are dropped.

use allocator_api2::vec::Vec;

use super::block::ensure_intact;
use super::collections::{Called, Heap};
use super::rng::Rng;
use super::workers;

/// Vectors of one thread.
const N_GROWING: usize = 64;
/// Elements that a vector grows by before it is another one's turn.
const BURST: usize = 64;
/// Elements with which a vector is full at least: 256 bytes, or that doubled up to seven times.
const FEWEST: usize = 32;
const DOUBLINGS: usize = 7;

/// A vector of numbers in a row.
struct Growing<'a> {
    numbers: Vec<u64, Heap<'a>>,
    /// Where the row begins.
    first: u64,
    /// Elements at which it is dropped.
    full: usize,
}

/// What one thread has.
struct Grower<'a> {
    heap: Heap<'a>,
    rng: Rng,
    growing: [Option<Growing<'a>>; N_GROWING],
}

/// Nanoseconds of a vector, of `n`: it grows to 256 bytes to 64 KiB, is read and dropped.
pub(super) fn vectors(allocator: Called<'_>, n_threads: usize, n: usize) -> f64 {
    let n_each = n.div_ceil(n_threads);
    let prepare = |index| {
        let mut grower = Grower {
            heap: Heap(&allocator),
            rng: Rng::new(index),
            growing: [const { None }; N_GROWING],
        };
        grower.fill(n_each / 8);
        grower
    };
    let run = |grower: &mut Grower<'_>| grower.fill(n_each);
    workers::time(n_threads, prepare, run, drop) / (n_each * n_threads) as f64
}

impl Grower<'_> {
    /// Lets vectors grow until `n` of them were full and are dropped.
    fn fill(&mut self, n: usize) {
        let mut n_full = 0;
        while n_full < n {
            let index = self.rng.below(N_GROWING);
            let (heap, rng) = (self.heap, &mut self.rng);
            let one = self.growing[index].get_or_insert_with(|| Growing::new(heap, rng));
            if one.grow() {
                self.growing[index] = None;
                n_full += 1;
            }
        }
    }
}

impl<'a> Growing<'a> {
    /// An empty one, whose length when it is full may as well be any other one doubled.
    fn new(heap: Heap<'a>, rng: &mut Rng) -> Self {
        let least = FEWEST << rng.below(DOUBLINGS + 1);
        Self {
            numbers: Vec::new_in(heap),
            first: rng.below(1 << 20) as u64,
            full: least + rng.below(least),
        }
    }

    /// Pushes some elements; whether it is full then.
    fn grow(&mut self) -> bool {
        let n = BURST.min(self.full - self.numbers.len());
        for _ in 0..n {
            self.numbers.push(self.first + self.numbers.len() as u64);
        }
        let is_full = self.numbers.len() == self.full;
        if is_full {
            let last = self.first + self.full as u64 - 1;
            let sum = (self.first + last) * self.full as u64 / 2;
            ensure_intact(self.numbers.iter().sum::<u64>() == sum);
        }
        is_full
    }
}
