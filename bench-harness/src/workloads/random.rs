//! Random numbers that are the same on every machine and with every version of every library.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};

/// A seeded stream of numbers: ChaCha with 8 rounds, keyed with the seed.
///
/// Ranges are cut here and not by a library, whose methods may change between versions.
#[derive(Debug)]
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number below `end`, which is not 0; the bias is below `end / 2^64`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.0.next_u64()) * end as u128;
        (wide >> 64) as usize
    }

    /// A number from `first` to `last`, both included.
    pub(crate) fn within(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    /// A size from `min` to `max` whose likelihood falls with its square.
    ///
    /// Small sizes are most, as in programs; every doubling of the size holds half as many
    /// blocks, so all of them hold the same number of bytes. glibc's `bench-malloc-simple`
    /// follows this law.
    pub(crate) fn size(&mut self, min: usize, max: usize) -> usize {
        const ONE: u64 = 1 << 32;
        let rarest = ONE * min as u64 / max as u64;
        let share = rarest + self.below((ONE - rarest) as usize) as u64 + 1;
        (ONE * min as u64 / share).clamp(min as u64, max as u64) as usize
    }
}
