//! Arithmetic with large integers, each of which lives until the next result or the one after.

use std::sync::atomic::{AtomicUsize, Ordering};

use allocator_api2::vec::Vec;

use super::block::ensure_intact;
use super::collections::{Called, Heap};
use super::rng::Rng;
use super::workers;

/// Limbs at which a chain of results ends: 32 bytes, or that doubled up to seven times.
const FEWEST: usize = 4;
const DOUBLINGS: u32 = 7;
/// Every result is also computed modulo this prime, 2⁶¹ − 1.
const PRIME: u128 = (1 << 61) - 1;

/// A number in limbs of 64 bits, the lowest first, and what it is modulo the prime.
struct Number<'a> {
    limbs: Vec<u64, Heap<'a>>,
    residue: u128,
}

/// Computes, and counts its results.
struct Calculator<'a> {
    heap: Heap<'a>,
    rng: Rng,
    n_results: usize,
}

/// Nanoseconds of a result, of `n` or some more.
pub(super) fn bigints(allocator: Called<'_>, n_threads: usize, n: usize) -> f64 {
    let n_each = n.div_ceil(n_threads);
    let n_results = AtomicUsize::new(0);
    let prepare = |index| {
        let mut calculator = Calculator::new(Heap(&allocator), index);
        calculator.compute(n_each / 8);
        calculator
    };
    let run = |calculator: &mut Calculator<'_>| calculator.compute(n_each);
    let finish = |calculator: Calculator<'_>| {
        n_results.fetch_add(calculator.n_results, Ordering::Relaxed);
    };
    let nanos = workers::time(n_threads, prepare, run, finish);
    nanos / n_results.into_inner() as f64
}

impl<'a> Calculator<'a> {
    fn new(heap: Heap<'a>, index: usize) -> Self {
        Self {
            heap,
            rng: Rng::new(index),
            n_results: 0,
        }
    }

    /// Chains with `n` results together. Long ones are as much rarer as they are longer.
    fn compute(&mut self, n: usize) {
        self.n_results = 0;
        while self.n_results < n {
            let draw = self.rng.below(1 << DOUBLINGS) | 1 << DOUBLINGS;
            self.chain(FEWEST << draw.trailing_zeros());
        }
    }

    /// x ← x · y + x, with another y each time, until x has `n_limbs`.
    fn chain(&mut self, n_limbs: usize) {
        let mut x = self.random();
        while x.limbs.len() < n_limbs {
            let y = self.random();
            let product = self.product(&x, &y);
            x = self.sum(&product, &x);
        }
        ensure_intact(residue(&x.limbs) == x.residue);
    }

    /// A number of two limbs.
    fn random(&mut self) -> Number<'a> {
        let mut limbs = self.limbs(2);
        limbs.extend([(); 2].map(|()| (self.rng.below(1 << 31) as u64 + 1) * 0x1_0000_0001));
        let residue = residue(&limbs);
        Number { limbs, residue }
    }

    fn product(&mut self, x: &Number<'a>, y: &Number<'a>) -> Number<'a> {
        let mut limbs = self.limbs(x.limbs.len() + y.limbs.len());
        limbs.resize(x.limbs.len() + y.limbs.len(), 0);
        for (shift, &factor) in y.limbs.iter().enumerate() {
            let mut carry = 0;
            for (to, &limb) in limbs[shift..].iter_mut().zip(&x.limbs) {
                carry += u128::from(limb) * u128::from(factor) + u128::from(*to);
                *to = carry as u64;
                carry >>= 64;
            }
            limbs[shift + x.limbs.len()] = carry as u64;
        }
        let residue = x.residue * y.residue % PRIME;
        Number { limbs, residue }
    }

    /// The sum; `x` is not shorter than `y`.
    fn sum(&mut self, x: &Number<'a>, y: &Number<'a>) -> Number<'a> {
        let mut limbs = self.limbs(x.limbs.len() + 1);
        let mut carry = 0;
        let rest = y.limbs.iter().chain(std::iter::repeat(&0));
        for (&limb, &other) in x.limbs.iter().zip(rest) {
            carry += u128::from(limb) + u128::from(other);
            limbs.push(carry as u64);
            carry >>= 64;
        }
        limbs.extend((carry > 0).then_some(carry as u64));
        let residue = (x.residue + y.residue) % PRIME;
        Number { limbs, residue }
    }

    /// Room for the limbs of a result.
    fn limbs(&mut self, n: usize) -> Vec<u64, Heap<'a>> {
        self.n_results += 1;
        Vec::with_capacity_in(n, self.heap)
    }
}

/// What the number is modulo the prime.
fn residue(limbs: &[u64]) -> u128 {
    let highest_first = limbs.iter().rev();
    highest_first.fold(0, |high, &limb| ((high << 64) + u128::from(limb)) % PRIME)
}
