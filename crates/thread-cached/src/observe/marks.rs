//! Mark bits: scratch bits, one for each 16 bytes of the heap, that tell which blocks are free.
//!
//! Walks, checks and counts set them from the lists, read them in address order, and clear them.

use core::ptr::NonNull;

use core_api::{Misuse, fatal};

use crate::heap::owned::Owned;
use crate::layout::units::UNIT_LOG2;
use crate::link;
use crate::pages::parts::MARK_GRANULE;
use crate::small::runs::Run;

/// The bits of one heap.
#[derive(Clone, Copy)]
pub(crate) struct Marks<'a> {
    heap: Owned<'a>,
    words: NonNull<u64>,
}

impl<'a> Marks<'a> {
    pub(crate) fn of(heap: Owned<'a>) -> Self {
        // SAFETY: the region has these parts.
        let words = unsafe { heap.base().add(heap.parts().marks).cast() };
        Self { heap, words }
    }

    fn word(&self, offset: usize) -> (*mut u64, u64) {
        let bit = offset / MARK_GRANULE;
        let word = self.words.as_ptr().wrapping_add(bit / 64);
        (word, 1 << (bit % 64))
    }

    /// Sets the bit at an offset of the region and returns whether it was set.
    fn set(&self, offset: usize) -> bool {
        let (word, bit) = self.word(offset);
        // SAFETY: the offset is in the region, which has bits for all of its pages (I1); only the
        // owner uses them.
        unsafe {
            let old = word.read();
            word.write(old | bit);
            old & bit != 0
        }
    }

    pub(crate) fn is_set(&self, offset: usize) -> bool {
        let (word, bit) = self.word(offset);
        // SAFETY: as in `set`.
        unsafe { word.read() & bit != 0 }
    }

    /// Number of bits set in a run.
    pub(crate) fn count(&self, run: Run) -> usize {
        let words = run.offset >> UNIT_LOG2..run.end() >> UNIT_LOG2;
        // SAFETY: as in `set`; each unit has a word.
        let word = |index| unsafe { self.words.as_ptr().wrapping_add(index).read() };
        words.map(|index| word(index).count_ones() as usize).sum()
    }

    /// Clears the bits of a run.
    pub(crate) fn clear(&self, run: Run) {
        let first = self.words.as_ptr().wrapping_add(run.offset >> UNIT_LOG2);
        // SAFETY: as in `count`.
        unsafe { first.write_bytes(0, run.len >> UNIT_LOG2) };
    }

    /// Marks the blocks of a list.
    ///
    /// A list that is broken ends the process: a block that is marked already, or that is no block of its class.
    pub(crate) fn mark(&self, class: usize, first: *mut u8) {
        let mut next = NonNull::new(first);
        while let Some(block) = next {
            let offset = self.heap.offset_of(block);
            let kind = || self.heap.page_map().unit_kind(offset >> UNIT_LOG2);
            if !self.heap.describes(offset) || kind().class() != Some(class) {
                fatal(Misuse::CorruptHeader);
            }
            if self.set(offset) {
                fatal(Misuse::DoubleFree);
            }
            // SAFETY: the block is listed, hence free and linked (I3).
            next = NonNull::new(unsafe { link::read(block) });
        }
    }
}
