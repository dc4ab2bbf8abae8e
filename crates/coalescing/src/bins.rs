//! Maps sizes to bins, and records which bins hold a block.
//!
//! This is segregated fit with a bitmap. Small sizes have a bin each. Larger sizes share 16 bins from one
//! power of two to the next, as in TLSF (Masmano, Ripoll, Crespo, Real: "TLSF: a new dynamic memory
//! allocator for real-time systems", 2004). TLSF has a second level of bits; here it would cost each update
//! more than it saves a search of at most eight words.
//!
//! The module is a part of the crate's interface: other heaps with a list for each size can use it, as `headerless` does.

#![forbid(unsafe_code)]

use crate::Granules;

/// Number of a bin, counted from the smallest sizes.
///
/// ```
/// use coalescing::bins::{Bin, bin_of};
/// let (small, large): (Bin, Bin) = (bin_of(10), bin_of(1000));
/// assert!(small < large, "bins rise with the sizes in them");
/// ```
pub type Bin = u32;

/// The number of bins whose bits share a word.
const PER_WORD: u32 = u64::BITS;

/// The number of bins from a power of two to the next.
const PER_DOUBLING: u32 = 16;

/// Below this number, each size has its own bin with the same number.
///
/// ```
/// use coalescing::bins::{EXACT, bin_of};
/// assert_eq!(bin_of(EXACT - 1), EXACT - 1);
/// assert_eq!(bin_of(EXACT), bin_of(EXACT + 3), "a bin of four sizes");
/// ```
pub const EXACT: u32 = 64;

/// Returns the bin of blocks of `size` granules. O(1).
///
/// Every size in a bin is larger than every size in a lower bin. From [`EXACT`] on, a bin spans 1/32 to 1/16
/// of the sizes in it. Most requests are small and need no search for the highest bit, which is slow on some
/// processors.
///
/// ```
/// use coalescing::bins::bin_of;
/// assert_eq!(bin_of(5), 5);
/// assert_eq!((bin_of(67), bin_of(68)), (64, 65));
/// ```
#[inline]
pub const fn bin_of(size: Granules) -> Bin {
    if size < EXACT {
        return size;
    }
    let shift = size.ilog2() - PER_DOUBLING.ilog2();
    let n_doublings = size.ilog2() - EXACT.ilog2();
    EXACT + n_doublings * PER_DOUBLING + (size >> shift) - PER_DOUBLING
}

/// Returns the smallest size that belongs to `bin`. O(1).
///
/// ```
/// use coalescing::bins::{bin_of, smallest_of};
/// assert_eq!(smallest_of(65), 68);
/// assert!(smallest_of(bin_of(1000)) <= 1000);
/// ```
pub const fn smallest_of(bin: Bin) -> Granules {
    if bin < EXACT {
        return bin;
    }
    let (n_doublings, nth) = ((bin - EXACT) / PER_DOUBLING, (bin - EXACT) % PER_DOUBLING);
    let shift = n_doublings + EXACT.ilog2() - PER_DOUBLING.ilog2();
    (PER_DOUBLING + nth) << shift
}

/// One bit for each bin that holds a block.
///
/// ```
/// use coalescing::bins::{Bins, bin_of};
/// let mut bins = Bins::new();
/// bins.set(bin_of(20));
/// assert_eq!(bins.first_from(bin_of(7)), Some(20), "the smallest that fits");
/// ```
#[derive(Clone, Debug)]
pub struct Bins {
    words: [u64; Self::N_WORDS as usize],
    /// No bin above this one holds a block.
    bound: Bin,
}

impl Bins {
    /// The number of words. Seven would do; a power of two lets a mask replace the bounds check.
    const N_WORDS: u32 = 8;

    /// Returns a set in which no bin holds a block. O(1).
    ///
    /// ```
    /// use coalescing::bins::Bins;
    /// let bins = Bins::new();
    /// assert_eq!(bins.first_from(0), None);
    /// ```
    #[expect(
        clippy::new_without_default,
        reason = "a constant creates a heap, and cannot call a trait's method"
    )]
    pub const fn new() -> Self {
        Self {
            words: [0; Self::N_WORDS as usize],
            bound: 0,
        }
    }

    #[inline]
    fn word(&self, index: u32) -> u64 {
        self.words[(index % Self::N_WORDS) as usize]
    }

    #[inline]
    fn word_mut(&mut self, index: u32) -> &mut u64 {
        &mut self.words[(index % Self::N_WORDS) as usize]
    }

    /// Records that `bin` holds a block. O(1).
    ///
    /// ```
    /// use coalescing::bins::Bins;
    /// let mut bins = Bins::new();
    /// bins.set(7);
    /// assert!(bins.is_set(7) && !bins.is_set(8));
    /// ```
    #[inline]
    pub fn set(&mut self, bin: Bin) {
        *self.word_mut(bin / PER_WORD) |= 1 << (bin % PER_WORD);
        self.bound = self.bound.max(bin);
    }

    /// Records that `bin` is empty, if `is_empty`; else does nothing, and `bin` may be any number. O(1).
    ///
    /// ```
    /// use coalescing::bins::Bins;
    /// let mut bins = Bins::new();
    /// bins.set(7);
    /// bins.clear_if(false, 7);
    /// assert!(bins.is_set(7));
    /// bins.clear_if(true, 7);
    /// assert!(!bins.is_set(7));
    /// ```
    ///
    // ANCHOR: clear
    /// There is no branch, because the answer (has the list become empty?) is less predictable than any
    /// other condition of an operation.
    #[inline]
    pub fn clear_if(&mut self, is_empty: bool, bin: Bin) {
        *self.word_mut(bin / PER_WORD) &= !(u64::from(is_empty) << (bin % PER_WORD));
    }
    // ANCHOR_END: clear

    /// Returns whether `bin` holds a block. O(1).
    ///
    /// ```
    /// use coalescing::bins::Bins;
    /// let mut bins = Bins::new();
    /// bins.set(3);
    /// assert!(bins.is_set(3) && !bins.is_set(4));
    /// ```
    #[inline]
    pub fn is_set(&self, bin: Bin) -> bool {
        self.word(bin / PER_WORD) & 1 << (bin % PER_WORD) != 0
    }

    /// Returns the first bin from `bin` on that holds a block.
    ///
    /// ```
    /// use coalescing::bins::Bins;
    /// let mut bins = Bins::new();
    /// bins.set(70);
    /// assert_eq!(bins.first_from(3), Some(70));
    /// assert_eq!(bins.first_from(71), None);
    /// ```
    ///
    // ANCHOR: search
    /// O(1): the search reads at most eight words.
    #[inline]
    pub fn first_from(&self, bin: Bin) -> Option<Bin> {
        let mut first = bin - bin % PER_WORD;
        let mut here = self.word(bin / PER_WORD) & u64::MAX << (bin % PER_WORD);
        while here == 0 {
            first += PER_WORD;
            if first > self.bound {
                return None;
            }
            here = self.word(first / PER_WORD);
        }
        Some(first + here.trailing_zeros())
    }
    // ANCHOR_END: search

    /// As [`first_from`](Self::first_from), but remembers a search in vain, so that later searches stop at
    /// that bin. O(1).
    ///
    /// ```
    /// use coalescing::bins::Bins;
    /// let mut bins = Bins::new();
    /// bins.set(70);
    /// assert_eq!(bins.find_from(71), None);
    /// assert_eq!(bins.find_from(3), Some(70), "a search still finds lower bins");
    /// ```
    #[inline]
    pub fn find_from(&mut self, bin: Bin) -> Option<Bin> {
        let found = self.first_from(bin);
        if found.is_none() {
            self.bound = self.bound.min(bin);
        }
        found
    }

    /// Returns the bins from `bin` on that hold a block, in order. O(1) for each.
    ///
    /// ```
    /// use coalescing::bins::Bins;
    /// let mut bins = Bins::new();
    /// for bin in [3, 70, 12] {
    ///     bins.set(bin);
    /// }
    /// assert!(bins.iter_from(10).eq([12, 70]));
    /// ```
    pub fn iter_from(&self, bin: Bin) -> impl Iterator<Item = Bin> {
        core::iter::successors(self.first_from(bin), |&found| self.first_from(found + 1))
    }

    /// Returns true if no bin holds a block above the last one that a search looks at. O(1).
    ///
    /// ```
    /// use coalescing::bins::Bins;
    /// let mut bins = Bins::new();
    /// bins.set(70);
    /// assert_eq!(bins.find_from(71), None);
    /// bins.set(80);
    /// assert!(bins.is_bounded(), "searches reach up to 80 again");
    /// ```
    pub fn is_bounded(&self) -> bool {
        self.last().is_none_or(|bin| bin <= self.bound)
    }

    /// Returns the highest bin that holds a block. O(1).
    ///
    /// ```
    /// use coalescing::bins::Bins;
    /// let mut bins = Bins::new();
    /// assert_eq!(bins.last(), None);
    /// bins.set(70);
    /// bins.set(3);
    /// assert_eq!(bins.last(), Some(70));
    /// ```
    pub fn last(&self) -> Option<Bin> {
        let highest = |index| Some(index * PER_WORD + self.word(index).checked_ilog2()?);
        (0..Self::N_WORDS).rev().find_map(highest)
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
    #[cfg_attr(miri, ignore = "slow, and only about numbers")]
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
    #[cfg_attr(miri, ignore = "slow, and only about numbers")]
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
            assert!(!bins.is_set(bin));
        }
        assert_eq!(bins.words, Bins::new().words);
    }

    #[test]
    fn a_search_in_vain_is_not_repeated_until_a_bin_is_set() {
        let mut bins = Bins::new();
        bins.set(LAST);
        assert_eq!(bins.find_from(3), Some(LAST));
        bins.clear_if(true, LAST);
        bins.set(3);
        assert_eq!(bins.find_from(70), None);
        assert!(bins.is_bounded());
        assert_eq!(bins.find_from(4), None);
        assert_eq!(bins.bound, 4);
        bins.set(LAST);
        assert_eq!(bins.find_from(4), Some(LAST));
        assert!(bins.is_bounded());
        bins.bound = 0;
        assert!(!bins.is_bounded());
    }
}
