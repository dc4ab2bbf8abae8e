//! Logic minimization: functions as lists of cubes, which are small bit vectors. Cofactors are taken, and
//! their complements merged: pairs become one, and what another cube covers is dropped.

use std::sync::atomic::{AtomicUsize, Ordering};

use allocator_api2::vec::Vec;

use super::block::ensure_intact;
use super::collections::{Called, Heap};
use super::rng::Rng;
use super::workers;

/// Variables that a function depends on.
const N_VARIABLES: usize = 12;
/// Variables that fit in a word.
const PER_WORD: usize = 32;
/// Words of a cube at most.
const N_WORDS: usize = 4;
/// Cubes of a function, and variables that each depends on.
const N_CUBES: usize = 24;
const N_LITERALS: usize = 5;
/// Points at which a function and its complement are looked at.
const N_POINTS: usize = 8;

/// Two bits for each variable: may it be 0, and may it be 1?
type Cube<'a> = Vec<u64, Heap<'a>>;
/// The function that holds where one of the cubes does.
type Cover<'a> = Vec<Cube<'a>, Heap<'a>>;

/// Where a variable's bits are.
#[derive(Clone, Copy)]
struct Variable {
    word: usize,
    shift: usize,
}

/// Works on functions whose cubes have so many words, and counts the cubes.
struct Minimizer<'a> {
    heap: Heap<'a>,
    rng: Rng,
    n_words: usize,
    n_cubes: usize,
}

/// Nanoseconds of a cube, of `n` or some more.
pub(super) fn cubes(allocator: Called<'_>, n_threads: usize, n: usize) -> f64 {
    let n_each = n.div_ceil(n_threads);
    let n_cubes = AtomicUsize::new(0);
    let prepare = |index| {
        let mut minimizer = Minimizer::new(Heap(&allocator), index);
        minimizer.minimize(n_each / 8);
        minimizer
    };
    let run = |minimizer: &mut Minimizer<'_>| minimizer.minimize(n_each);
    let finish = |minimizer: Minimizer<'_>| {
        n_cubes.fetch_add(minimizer.n_cubes, Ordering::Relaxed);
    };
    let nanos = workers::time(n_threads, prepare, run, finish);
    nanos / n_cubes.into_inner() as f64
}

impl<'a> Minimizer<'a> {
    fn new(heap: Heap<'a>, index: usize) -> Self {
        Self {
            heap,
            rng: Rng::new(index),
            n_words: 1,
            n_cubes: 0,
        }
    }

    /// Complements functions until `n` cubes were made.
    fn minimize(&mut self, n: usize) {
        self.n_cubes = 0;
        while self.n_cubes < n {
            self.n_words = 1 + self.rng.below(N_WORDS);
            let mut function = Vec::new_in(self.heap);
            for _ in 0..N_CUBES {
                let mut cube = self.everything();
                (0..N_LITERALS).for_each(|_| self.restrict(&mut cube, None));
                function.push(cube);
            }
            let complement = self.complement(&function);
            for _ in 0..N_POINTS {
                let mut point = self.everything();
                (0..N_VARIABLES).for_each(|index| self.restrict(&mut point, Some(index)));
                let holds = |cover: &Cover<'a>| cover.iter().any(|cube| covers(cube, &point));
                ensure_intact(holds(&function) != holds(&complement));
            }
        }
    }

    /// The function that holds where this one does not.
    fn complement(&mut self, function: &Cover<'a>) -> Cover<'a> {
        let is_everything = |cube: &Cube<'a>| cube.iter().all(|&word| word == !0);
        let mut complement = Vec::new_in(self.heap);
        if function.is_empty() {
            complement.push(self.everything());
        }
        if function.is_empty() || function.iter().any(is_everything) {
            return complement;
        }
        let variable = self.most_frequent(function);
        let halves = [0, 1].map(|value| {
            let cofactor = self.cofactor(function, variable, value);
            self.complement(&cofactor)
        });
        self.merged(variable, halves)
    }

    /// The variable that the most cubes depend on.
    fn most_frequent(&self, function: &Cover<'a>) -> Variable {
        let n_dependent = |variable: &Variable| {
            let both = variable.both();
            let cubes = function.iter();
            cubes
                .filter(|cube| cube[variable.word] & both != both)
                .count()
        };
        let variables = (0..N_VARIABLES).map(|index| self.variable(index));
        variables
            .max_by_key(n_dependent)
            .unwrap_or(Variable { word: 0, shift: 0 })
    }

    /// The function where the variable has this value, on which it does not depend any more.
    fn cofactor(&mut self, function: &Cover<'a>, variable: Variable, value: usize) -> Cover<'a> {
        let mut cofactor = Vec::new_in(self.heap);
        for cube in function {
            if cube[variable.word] & variable.may_be(value) != 0 {
                let mut cube = cube.clone();
                cube[variable.word] |= variable.both();
                cofactor.push(cube);
            }
        }
        self.n_cubes += cofactor.len();
        cofactor
    }

    /// The function that is the first one where the variable is 0 and the second one where it is 1.
    fn merged(&self, variable: Variable, [low, mut high]: [Cover<'a>; 2]) -> Cover<'a> {
        let mut merged = Vec::new_in(self.heap);
        for mut cube in low {
            match high.iter().position(|other| *other == cube) {
                Some(index) => drop(high.swap_remove(index)),
                None => cube[variable.word] &= !variable.may_be(1),
            }
            merged.push(cube);
        }
        for mut cube in high {
            cube[variable.word] &= !variable.may_be(0);
            merged.push(cube);
        }
        drop_covered(&mut merged);
        merged
    }

    /// The cube that depends on no variable.
    fn everything(&mut self) -> Cube<'a> {
        self.n_cubes += 1;
        let mut cube = Vec::with_capacity_in(self.n_words, self.heap);
        cube.resize(self.n_words, !0);
        cube
    }

    /// Gives a variable, or a random one, a random value.
    fn restrict(&mut self, cube: &mut Cube<'a>, index: Option<usize>) {
        let index = index.unwrap_or_else(|| self.rng.below(N_VARIABLES));
        let variable = self.variable(index);
        cube[variable.word] |= variable.both();
        cube[variable.word] &= !variable.may_be(self.rng.below(2));
    }

    /// The variables of a function are spread over all words.
    fn variable(&self, index: usize) -> Variable {
        let index = index * self.n_words * PER_WORD / N_VARIABLES;
        Variable {
            word: index / PER_WORD,
            shift: index % PER_WORD * 2,
        }
    }
}

impl Variable {
    fn may_be(self, value: usize) -> u64 {
        1 << (self.shift + value)
    }

    fn both(self) -> u64 {
        self.may_be(0) | self.may_be(1)
    }
}

/// Whether the cube holds wherever the other one does.
fn covers(cube: &[u64], other: &[u64]) -> bool {
    cube.iter()
        .zip(other)
        .all(|(word, other)| other & !word == 0)
}

/// Drops each cube that another one covers.
fn drop_covered(cover: &mut Cover<'_>) {
    let mut index = 0;
    while index < cover.len() {
        let mut others = cover
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        match others.any(|(_, other)| covers(other, &cover[index])) {
            true => drop(cover.swap_remove(index)),
            false => index += 1,
        }
    }
}
