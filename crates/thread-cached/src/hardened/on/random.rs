//! Random numbers that are hard to guess from outside. Not for secrets: each number reveals the next.

use crate::primitive::Cell;

/// A generator, seeded by the system with its first number: xorshift.
#[derive(Debug)]
pub(crate) struct Random(Cell<u64>);

impl Random {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(0))
    }

    fn next(&self) -> u64 {
        let mut state = match self.0.get() {
            0 => seed(),
            state => state,
        };
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.set(state);
        state
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&self, end: u32) -> u32 {
        let high = self.next() >> 32;
        ((high * u64::from(end)) >> 32) as u32
    }
}

#[cold]
#[inline(never)]
fn seed() -> u64 {
    os::random() | 1
}
