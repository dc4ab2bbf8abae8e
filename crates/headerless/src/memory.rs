//! Reading and writing the heap's memory: tags, links and edge bits.
//!
//! A block is named by the offset of its first granule. Everything is read and written by value; the
//! pointer is made anew each time from the region that the heap was given.

use core_api::Region;
use core_api::align::round_up;

use crate::{GRANULE, Granules, Offset};

/// Bytes of a size, a link or a footer.
const TAG: usize = size_of::<u32>();

/// Granules that share an edge bit.
pub(crate) const PAIR: u32 = 2;

/// Edge bits in a word.
const PER_WORD: u32 = u64::BITS;

/// The region, in granules from its first one.
pub(crate) struct Memory {
    /// The pointer to offset 0, with the right to the whole region.
    base: *mut u8,
    /// The edge bits.
    bits: *mut u64,
}

// SAFETY: the pointers are into a region that the heap owns; whoever has the heap has it.
unsafe impl Send for Memory {}

impl Memory {
    /// No memory yet.
    pub(crate) const EMPTY: Self = Self {
        base: core::ptr::null_mut(),
        bits: core::ptr::null_mut(),
    };

    /// The memory of a region whose edge bits begin at `bits`.
    pub(crate) fn new(region: Region, bits: Offset) -> Self {
        let base = region.at(round_up(region.start(), GRANULE));
        let bits = base.wrapping_add(bits as usize * GRANULE).cast();
        Self { base, bits }
    }

    /// Granules that the edge bits of `n` granules take.
    pub(crate) const fn granules_of_bits(n: Granules) -> Granules {
        n.div_ceil(PAIR).div_ceil(PER_WORD)
    }

    /// The pointer to `offset`.
    #[inline]
    pub(crate) fn at(&self, offset: Offset) -> *mut u8 {
        self.base.wrapping_add(offset as usize * GRANULE)
    }

    /// The address of an offset.
    pub(crate) fn address_of(&self, offset: Offset) -> usize {
        self.at(offset).addr()
    }

    /// Bytes from offset 0 to an address.
    #[inline]
    pub(crate) fn distance(&self, address: usize) -> usize {
        address.wrapping_sub(self.base.addr())
    }

    /// The word `nth` of a block, in units of a tag.
    #[inline]
    fn tag(&self, block: Offset, nth: usize) -> *mut u32 {
        self.at(block).wrapping_add(nth * TAG).cast()
    }

    /// The size at the start of the free block `block`.
    ///
    /// # Safety
    ///
    /// `block` is an offset of a granule in the region, whose bytes were written.
    #[inline]
    pub(crate) unsafe fn size(&self, block: Offset) -> Granules {
        // SAFETY: the caller's promise; granules are aligned.
        unsafe { self.tag(block, 0).read() }
    }

    /// The size at the end of the free block that ends before `end`.
    ///
    /// # Safety
    ///
    /// As [`size`](Self::size), of the granule before `end`.
    #[inline]
    pub(crate) unsafe fn size_before(&self, end: Offset) -> Granules {
        // SAFETY: the caller's promise; granules are aligned.
        unsafe { self.tag(end, 0).wrapping_sub(1).read() }
    }

    /// Writes the tags of a free block: its size at both ends.
    ///
    /// # Safety
    ///
    /// The granules from `block` to `block + size` belong to the heap and nobody uses them.
    #[inline]
    pub(crate) unsafe fn set_tags(&mut self, block: Offset, size: Granules) {
        // SAFETY: the caller's promise; granules are aligned.
        unsafe {
            self.tag(block, 0).write(size);
            self.tag(block + size, 0).wrapping_sub(1).write(size);
        }
    }

    /// The block after `node` in its list.
    ///
    /// # Safety
    ///
    /// `node` is in a list or the head of one, or any offset whose two granules were written.
    #[inline]
    pub(crate) unsafe fn next(&self, node: Offset) -> Offset {
        // SAFETY: the caller's promise.
        unsafe { self.tag(node, 1).read() }
    }

    /// The block before `node` in its list.
    ///
    /// # Safety
    ///
    /// As [`next`](Self::next).
    #[inline]
    pub(crate) unsafe fn previous(&self, node: Offset) -> Offset {
        // SAFETY: the caller's promise.
        unsafe { self.tag(node, 2).read() }
    }

    /// Makes `second` follow `first` in a list.
    ///
    /// # Safety
    ///
    /// Each is a free block of at least two granules or the head of a list.
    #[inline]
    pub(crate) unsafe fn join(&mut self, first: Offset, second: Offset) {
        // SAFETY: the caller's promise: the granules of free blocks and heads belong to the heap.
        unsafe {
            self.tag(first, 1).write(second);
            self.tag(second, 2).write(first);
        }
    }

    // ANCHOR: edges
    /// Whether a free block begins or ends in the granule's pair.
    ///
    /// # Safety
    ///
    /// The region has granules up to `granule`.
    #[inline]
    pub(crate) unsafe fn is_edge(&self, granule: Offset) -> bool {
        let (word, bit) = self.bit(granule);
        // SAFETY: the edge bits of all granules lie in the region and were cleared in the beginning.
        unsafe { word.read() & bit != 0 }
    }
    // ANCHOR_END: edges

    /// # Safety
    ///
    /// As [`is_edge`](Self::is_edge).
    #[inline]
    pub(crate) unsafe fn set_edge(&mut self, granule: Offset) {
        let (word, bit) = self.bit(granule);
        // SAFETY: as in `is_edge`.
        unsafe { word.write(word.read() | bit) }
    }

    /// # Safety
    ///
    /// As [`is_edge`](Self::is_edge).
    #[inline]
    pub(crate) unsafe fn clear_edge(&mut self, granule: Offset) {
        let (word, bit) = self.bit(granule);
        // SAFETY: as in `is_edge`.
        unsafe { word.write(word.read() & !bit) }
    }

    #[inline]
    fn bit(&self, granule: Offset) -> (*mut u64, u64) {
        let pair = granule / PAIR;
        (self.word(pair / PER_WORD), 1 << (pair % PER_WORD))
    }

    #[inline]
    fn word(&self, index: u32) -> *mut u64 {
        self.bits.wrapping_add(index as usize)
    }

    /// Clears the edge bits of `n` granules. O(n).
    ///
    /// # Safety
    ///
    /// They lie in the region, and nothing else does yet.
    pub(crate) unsafe fn clear_edges(&mut self, n: Granules) {
        let n_words = Self::granules_of_bits(n) as usize;
        // SAFETY: the caller's promise.
        unsafe { self.word(0).write_bytes(0, n_words) }
    }

    /// The first granule, from the pair of `granule` on and before `end`, whose pair has an edge; it
    /// is the first one of the pair. O(distance).
    ///
    /// # Safety
    ///
    /// The region has granules up to `end`.
    pub(crate) unsafe fn next_edge(&self, granule: Offset, end: Offset) -> Option<Offset> {
        let (first, end) = (granule / PAIR, end.div_ceil(PAIR));
        let mut index = first / PER_WORD;
        let mut mask = u64::MAX << (first % PER_WORD);
        while index * PER_WORD < end {
            // SAFETY: the word holds the bit of a granule of the region.
            let here = unsafe { self.word(index).read() } & mask;
            if here != 0 {
                let pair = index * PER_WORD + here.trailing_zeros();
                return (pair < end).then_some(pair * PAIR);
            }
            mask = u64::MAX;
            index += 1;
        }
        None
    }
}
