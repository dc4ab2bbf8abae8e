//! Scratch bits, one for each 16 bytes of the heap: which blocks are free.
//!
//! They are set by walking the lists, read in address order, and zero again afterwards.

use core::ops::Range;
use core::ptr::NonNull;

use core_api::{Misuse, fatal};

use crate::classes::CLASS_END;
use crate::heap::HeapRef;
use crate::link;
use crate::os;
use crate::page_map::slab_of;
use crate::region::{MARK_GRANULE, UNIT_LOG2};
use crate::runs::Run;

/// The bits of one heap. The calling thread owns it.
#[derive(Clone, Copy)]
pub(crate) struct Marks {
    heap: HeapRef,
    words: NonNull<u64>,
}

/// Less memory of bits than this stays.
const LEAST_DISCARDED: usize = 128 << 10;

/// A list that is being walked: the next block, and its class.
#[derive(Clone, Copy)]
struct Cursor {
    block: NonNull<u8>,
    class: usize,
}

impl Marks {
    pub(crate) fn of(heap: HeapRef) -> Self {
        // SAFETY: the region has these parts.
        let words = unsafe { heap.parts().marks(heap.base()) };
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

    /// Gives back the memory of the bits of these offsets, which are zero, if there is much of it.
    pub(crate) fn discard(&self, offsets: Range<usize>) {
        let bytes = offsets.len() / MARK_GRANULE / 8;
        if bytes >= LEAST_DISCARDED {
            // SAFETY: the bits lie in the region; dropped pages read as zero, which they are.
            unsafe { os::purge(self.words.add(offsets.start >> UNIT_LOG2).cast(), bytes) };
        }
    }

    /// Marks every block of these lists. All are walked at once, a step each in turn: the cache
    /// misses of one do not wait for those of the others.
    ///
    /// A list that is broken ends the process: a block that is on it twice, or that is no block
    /// of its class.
    pub(crate) fn mark(&self, lists: impl Fn(usize) -> [*mut u8; 2]) {
        let mut cursors: [Option<Cursor>; 2 * CLASS_END] = [None; 2 * CLASS_END];
        let mut n = 0;
        for class in 1..CLASS_END {
            for block in lists(class).into_iter().filter_map(NonNull::new) {
                cursors[n] = Some(Cursor { block, class });
                n += 1;
            }
        }
        while n > 0 {
            for index in (0..n).rev() {
                cursors[index] = cursors[index].and_then(|cursor| self.step(cursor));
                if cursors[index].is_none() {
                    n -= 1;
                    cursors.swap(index, n);
                }
            }
        }
    }

    fn step(&self, Cursor { block, class }: Cursor) -> Option<Cursor> {
        let offset = self.heap.offset_of(block);
        if !self.heap.describes(offset)
            || self.heap.page_map().unit_kind(offset >> UNIT_LOG2) != slab_of(class)
        {
            fatal(Misuse::CorruptHeader);
        }
        if self.set(offset) {
            fatal(Misuse::DoubleFree);
        }
        // SAFETY: the block is listed, hence free and linked (I3).
        let next = NonNull::new(unsafe { link::read(block) })?;
        // Blocks that were freed one after the other often lie so, up or down.
        let stride = next.addr().get().wrapping_sub(block.addr().get());
        prefetch(next.as_ptr().wrapping_add(stride));
        Some(Cursor { block: next, class })
    }
}

/// Has the processor fetch a cache line that may be looked at soon.
#[inline(always)]
fn prefetch(place: *const u8) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: an address that cannot be read is no fault here.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}
