//! Which bin a size belongs to, and which bins hold a block.
//!
//! Segregated fit with two levels of bitmaps, as in TLSF (Masmano, Ripoll, Crespo, Real: "TLSF: a
//! new dynamic memory allocator for real-time systems", 2004): small sizes have a bin each, larger
//! ones share [`PER_DOUBLING`] bins from one power of two to the next.

#![forbid(unsafe_code)]

use crate::Granules;

/// Number of a bin, counted from the smallest sizes.
pub(crate) type Bin = u32;

/// Bins in each level: the bits of one word.
const PER_LEVEL: u32 = u32::BITS;

/// Bins from a power of two to the next.
const PER_DOUBLING: u32 = 16;

/// Sizes and bins below this number are the same.
pub(crate) const EXACT: u32 = 64;

/// The bin of blocks of `size` granules.
///
/// Every size in a bin is larger than every size in a lower bin. From [`EXACT`] on a bin spans 1/32
/// to 1/16 of the sizes in it. Small sizes are the many, and need no search for their highest bit,
/// which takes long on some processors.
#[inline]
pub(crate) const fn bin_of(size: Granules) -> Bin {
    if size < EXACT {
        return size;
    }
    let shift = size.ilog2() - PER_DOUBLING.ilog2();
    let n_doublings = size.ilog2() - EXACT.ilog2();
    EXACT + n_doublings * PER_DOUBLING + (size >> shift) - PER_DOUBLING
}

/// The smallest size that belongs to `bin`.
pub(crate) const fn smallest_of(bin: Bin) -> Granules {
    if bin < EXACT {
        return bin;
    }
    let (n_doublings, nth) = ((bin - EXACT) / PER_DOUBLING, (bin - EXACT) % PER_DOUBLING);
    let shift = n_doublings + EXACT.ilog2() - PER_DOUBLING.ilog2();
    (PER_DOUBLING + nth) << shift
}

/// One bit for each bin that holds a block, and one for each level that has such a bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bins {
    levels: u32,
    bins: [u32; Self::N_LEVELS],
}

impl Bins {
    /// A power of two, so that masking an index replaces checking it; 14 would do.
    const N_LEVELS: usize = 16;

    pub(crate) const fn new() -> Self {
        Self {
            levels: 0,
            bins: [0; Self::N_LEVELS],
        }
    }

    #[inline]
    fn level(&self, level: u32) -> u32 {
        self.bins[level as usize % Self::N_LEVELS]
    }

    #[inline]
    fn level_mut(&mut self, level: u32) -> &mut u32 {
        &mut self.bins[level as usize % Self::N_LEVELS]
    }

    /// Notes that `bin` holds a block.
    #[inline]
    pub(crate) fn set(&mut self, bin: Bin) {
        let level = bin / PER_LEVEL % Self::N_LEVELS as u32;
        *self.level_mut(level) |= 1 << (bin % PER_LEVEL);
        self.levels |= 1 << level;
    }

    // ANCHOR: clear
    /// Notes that `bin` is empty, if `is_empty`; else `bin` may be any number.
    ///
    /// There is no branch: whether a list has become empty is the least predictable question of
    /// all that an operation asks.
    #[inline]
    pub(crate) fn clear_if(&mut self, is_empty: bool, bin: Bin) {
        let level = bin / PER_LEVEL % Self::N_LEVELS as u32;
        let word = self.level_mut(level);
        *word &= !(u32::from(is_empty) << (bin % PER_LEVEL));
        let is_level_empty = is_empty & (*word == 0);
        self.levels &= !(u32::from(is_level_empty) << level);
    }
    // ANCHOR_END: clear

    /// Whether `bin` holds a block.
    pub(crate) fn is_set(&self, bin: Bin) -> bool {
        self.level(bin / PER_LEVEL) & 1 << (bin % PER_LEVEL) != 0
    }

    // ANCHOR: search
    /// The first bin from `bin` on that holds a block. O(1): at most two words are looked at.
    #[inline]
    pub(crate) fn first_from(&self, bin: Bin) -> Option<Bin> {
        let level = bin / PER_LEVEL;
        let here = self.level(level) & u32::MAX << (bin % PER_LEVEL);
        if here != 0 {
            return Some(level * PER_LEVEL + here.trailing_zeros());
        }
        let above = self.levels & (u32::MAX - 1) << (level % PER_LEVEL);
        if above == 0 {
            return None;
        }
        let level = above.trailing_zeros();
        Some(level * PER_LEVEL + self.level(level).trailing_zeros())
    }
    // ANCHOR_END: search

    /// The bins from `bin` on that hold a block, in order.
    pub(crate) fn iter_from(&self, bin: Bin) -> impl Iterator<Item = Bin> {
        core::iter::successors(self.first_from(bin), |&found| self.first_from(found + 1))
    }

    /// The highest bin that holds a block.
    pub(crate) fn last(&self) -> Option<Bin> {
        let level = self.levels.checked_ilog2()?;
        Some(level * PER_LEVEL + self.level(level).checked_ilog2()?)
    }

    /// Whether the levels say what the bins say.
    pub(crate) fn is_consistent(&self) -> bool {
        let mut bins = self.bins.iter().enumerate();
        bins.all(|(level, &word)| (self.levels >> level & 1 != 0) == (word != 0))
    }
}

#[cfg(test)]
mod tests {
    use super::{Bins, EXACT, bin_of, smallest_of};
    use crate::header::Header;

    const LAST: u32 = 447;

    #[test]
    fn small_sizes_have_a_bin_each() {
        for size in 0..EXACT {
            assert_eq!(bin_of(size), size);
        }
    }

    #[test]
    fn bins_rise_without_gaps_and_stay_narrow() {
        let mut last = bin_of(1);
        for size in 2..200_000 {
            let bin = bin_of(size);
            assert!(bin == last || bin == last + 1, "size {size}");
            assert!(smallest_of(bin) <= size && size < smallest_of(bin + 1));
            last = bin;
        }
        assert_eq!(bin_of(Header::MAX_SIZE), LAST);
        for bin in EXACT..LAST {
            let (low, high) = (smallest_of(bin), smallest_of(bin + 1));
            assert!(high - low <= low / 16, "bin {bin}");
            assert_eq!((bin_of(low), bin_of(high - 1)), (bin, bin));
        }
    }

    #[test]
    fn search_agrees_with_a_plain_scan() {
        let members = [2, 31, 32, 63, 64, 95, 300, LAST];
        let mut bins = Bins::new();
        for bin in members {
            bins.set(bin);
        }
        for from in 0..=LAST {
            let expected = members.into_iter().find(|&bin| bin >= from);
            assert_eq!(bins.first_from(from), expected, "from {from}");
        }
        assert!(bins.iter_from(0).eq(members));
        for bin in members.into_iter().rev() {
            assert_eq!(bins.last(), Some(bin));
            bins.clear_if(false, bin);
            assert!(bins.is_set(bin));
            bins.clear_if(true, bin);
            assert!(!bins.is_set(bin) && bins.is_consistent());
        }
        assert_eq!(bins, Bins::new());
    }
}
