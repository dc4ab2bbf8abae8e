//! Random numbers that are hard to guess from outside. Not for secrets: each number reveals the next.

use crate::primitive::Cell;

/// Knuth's, for 64 bits.
const FACTOR: u64 = 6_364_136_223_846_793_005;

/// A generator: a linear congruence, of which the upper half is used.
#[derive(Debug)]
pub(crate) struct Random(Cell<u64>);

impl Random {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(0))
    }

    /// Has the system choose where it begins.
    pub(crate) fn seed(&self) {
        self.0.set(os::random());
    }

    #[inline]
    fn next(&self) -> u64 {
        let state = self.0.get();
        self.0.set(state.wrapping_mul(FACTOR).wrapping_add(1));
        state
    }

    /// A number below `end`, which is not 0.
    #[inline]
    pub(crate) fn below(&self, end: u32) -> u32 {
        let high = self.next() >> 32;
        ((high * u64::from(end)) >> 32) as u32
    }
}
