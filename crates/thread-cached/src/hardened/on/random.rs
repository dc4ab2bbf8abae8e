//! Random numbers that are hard to guess from outside. Not for secrets: each number reveals the next.

use crate::primitive::{AtomicU64, Cell, Ordering};

/// From where the next generator begins; 0 before the first.
static SEED: AtomicU64 = AtomicU64::new(0);

/// The distance of two seeds: 2⁶⁴ over the golden ratio.
const DISTANCE: u64 = 0x9e37_79b9_7f4a_7c15;

/// Has the system choose where the first generator begins, once. A sandbox may forbid the call later.
pub(super) fn make() {
    if SEED.load(Ordering::Relaxed) == 0 {
        // If two threads come at once, the first one wins.
        let _ = SEED.compare_exchange(0, os::random() | 1, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// Mixes the bits of a seed with Stafford's constants (his mix 13), as SplitMix64 does: Steele, Lea and Flood,
/// "Fast Splittable Pseudorandom Number Generators" (2014).
fn mixed(seed: u64) -> u64 {
    let seed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let seed = (seed ^ seed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    seed ^ seed >> 31
}

/// That of Knuth's MMIX generator.
const FACTOR: u64 = 6_364_136_223_846_793_005;

/// A generator: a linear congruence, of which the upper half is used.
#[derive(Debug)]
pub(crate) struct Random(Cell<u64>);

impl Random {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(0))
    }

    /// Begins elsewhere than all others of the process, for which [`make`] has chosen.
    pub(crate) fn seed(&self) {
        let seed = SEED.fetch_add(DISTANCE, Ordering::Relaxed);
        self.0.set(mixed(seed));
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
