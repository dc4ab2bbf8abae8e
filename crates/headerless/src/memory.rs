//! Reads and writes the heap's memory: tags, links and edge bits.
//!
//! The offset of its first granule names a block. These methods read and write by value, and derive each
//! pointer from the heap's region.

use core_api::Region;
use core_api::align::round_up;

use crate::{GRANULE, Granules, Offset};

/// Bytes of a size, a link or a footer.
const TAG: usize = size_of::<u32>();

/// The number of granules that share an edge bit.
pub(crate) const PAIR: u32 = 2;

/// The number of edge bits in a word.
const PER_WORD: u32 = u64::BITS;

/// The region, in granules from its first one.
pub(crate) struct Memory {
    /// The pointer to offset 0, with provenance over the whole region.
    base: *mut u8,
    /// The edge bits.
    bits: *mut u64,
}

// SAFETY: the pointers point into a region that the heap owns, and only the heap's methods use them.
unsafe impl Send for Memory {}

impl Memory {
    /// No memory yet.
    pub(crate) const EMPTY: Self = Self {
        base: core::ptr::null_mut(),
        bits: core::ptr::null_mut(),
    };

    /// Returns the memory of a region whose edge bits begin at `bits`.
    pub(crate) fn new(region: Region, bits: Offset) -> Self {
        let base = region.at(round_up(region.start(), GRANULE));
        let bits = base.wrapping_add(bits as usize * GRANULE).cast();
        Self { base, bits }
    }

    /// Returns the number of granules that the edge bits of `n` granules take.
    pub(crate) const fn granules_of_bits(n: Granules) -> Granules {
        n.div_ceil(PAIR).div_ceil(PER_WORD)
    }

    /// Returns the pointer to `offset`.
    #[inline]
    pub(crate) fn at(&self, offset: Offset) -> *mut u8 {
        self.base.wrapping_add(offset as usize * GRANULE)
    }

    /// Returns the address of an offset.
    pub(crate) fn address_of(&self, offset: Offset) -> usize {
        self.at(offset).addr()
    }

    /// Returns the bytes from offset 0 to an address.
    #[inline]
    pub(crate) fn distance(&self, address: usize) -> usize {
        address.wrapping_sub(self.base.addr())
    }

    /// Returns the word `nth` of a block, in units of a tag.
    #[inline]
    fn tag(&self, block: Offset, nth: usize) -> *mut u32 {
        self.at(block).wrapping_add(nth * TAG).cast()
    }

    /// Returns the size at the start of the free block `block`.
    ///
    /// # Safety
    ///
    /// `block` is the offset of a granule in the region, and its bytes were written.
    #[inline]
    pub(crate) unsafe fn size(&self, block: Offset) -> Granules {
        // SAFETY: the granule lies in the region by the caller's promise, and a tag at its start is aligned.
        unsafe { self.tag(block, 0).read() }
    }

    /// Returns the size at the end of the free block that ends before `end`.
    ///
    /// # Safety
    ///
    /// As [`size`](Self::size), for the granule before `end`.
    #[inline]
    pub(crate) unsafe fn size_before(&self, end: Offset) -> Granules {
        // SAFETY: the granule lies in the region by the caller's promise, and a tag at its end is aligned.
        unsafe { self.tag(end, 0).wrapping_sub(1).read() }
    }

    /// Writes the tags of a free block: its size at both ends.
    ///
    /// # Safety
    ///
    /// The granules from `block` to `block + size` belong to the heap, and nothing uses them.
    #[inline]
    pub(crate) unsafe fn set_tags(&mut self, block: Offset, size: Granules) {
        // SAFETY: the granules belong to the heap by the caller's promise, and both tags are aligned.
        unsafe {
            self.tag(block, 0).write(size);
            self.tag(block + size, 0).wrapping_sub(1).write(size);
        }
    }

    /// Returns the block after `node` in its list.
    ///
    /// # Safety
    ///
    /// `node` is in a list or the head of one, or any offset whose two granules were written.
    #[inline]
    pub(crate) unsafe fn next(&self, node: Offset) -> Offset {
        // SAFETY: by the caller's promise the second word of `node` lies in the region and was written.
        unsafe { self.tag(node, 1).read() }
    }

    /// Returns the block before `node` in its list.
    ///
    /// # Safety
    ///
    /// As [`next`](Self::next).
    #[inline]
    pub(crate) unsafe fn previous(&self, node: Offset) -> Offset {
        // SAFETY: by the caller's promise the third word of `node` lies in the region and was written.
        unsafe { self.tag(node, 2).read() }
    }

    /// Makes `second` follow `first` in a list.
    ///
    /// # Safety
    ///
    /// Each is a free block of at least two granules or the head of a list.
    #[inline]
    pub(crate) unsafe fn join(&mut self, first: Offset, second: Offset) {
        // SAFETY: the granules of free blocks and of heads belong to the heap.
        unsafe {
            self.tag(first, 1).write(second);
            self.tag(second, 2).write(first);
        }
    }

    // ANCHOR: edges
    /// Returns whether a free block begins or ends in the granule's pair.
    ///
    /// # Safety
    ///
    /// The region has granules up to `granule`.
    #[inline]
    pub(crate) unsafe fn is_edge(&self, granule: Offset) -> bool {
        let (word, bit) = self.bit(granule);
        // SAFETY: the edge bits of all granules lie in the region, and `clear_edges` has initialised them.
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
    /// The bits lie in the region, and nothing else uses their memory.
    pub(crate) unsafe fn clear_edges(&mut self, n: Granules) {
        let n_words = Self::granules_of_bits(n) as usize;
        // SAFETY: by the caller's promise the words lie in the region and are unused.
        unsafe { self.word(0).write_bytes(0, n_words) }
    }

    /// Searches from the pair of `granule` up to `end` for a pair with an edge, and returns the first granule
    /// of that pair. O(distance).
    ///
    /// # Safety
    ///
    /// The region has granules up to `end`.
    pub(crate) unsafe fn next_edge(&self, granule: Offset, end: Offset) -> Option<Offset> {
        let (first, end) = (granule / PAIR, end.div_ceil(PAIR));
        let mut index = first / PER_WORD;
        let mut mask = u64::MAX << (first % PER_WORD);
        while index * PER_WORD < end {
            // SAFETY: the word holds the bit of a granule before `end`, so it lies in the region.
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
