//! Random numbers, the same in every process, that cost next to nothing in a timed loop.

use std::ops::Range;

/// A linear congruential generator.
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    /// Returns the generator of thread number `seed`.
    pub(super) fn new(seed: usize) -> Self {
        let mut rng = Self(seed as u64 + 1);
        rng.below(1);
        rng
    }

    /// A number below `end`, which is less than 2³².
    #[inline]
    pub(super) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (((self.0 >> 32) * end as u64) >> 32) as usize
    }

    /// A number in `range`.
    #[inline]
    pub(super) fn within(&mut self, range: Range<usize>) -> usize {
        range.start + self.below(range.len())
    }

    /// Puts `items` in random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (2..=items.len()).rev() {
            items.swap(end - 1, self.below(end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_over_their_range() {
        let mut rng = Rng::new(0);
        let mut hits = [0; 8];
        for _ in 0..8_000 {
            hits[rng.within(16..24) - 16] += 1;
        }
        assert!(hits.iter().all(|n| (800..1_200).contains(n)), "{hits:?}");
    }

    #[test]
    fn shuffling_keeps_every_item() {
        let mut items: Vec<usize> = (0..100).collect();
        Rng::new(1).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
