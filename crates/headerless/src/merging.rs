//! What a free does: asks the neighbours, and merges with those that are free.

use core_api::Source;

use crate::Offset;
use crate::heap::{Heap, MIN_SIZE};
use crate::lists::Found;
use crate::memory::PAIR;

impl<S: Source> Heap<S> {
    // ANCHOR: release
    /// Frees the granules from `start` to `end` and merges them with `before` and with what is free
    /// behind. O(1).
    ///
    /// # Safety
    ///
    /// A used block ended at `end`, and nobody uses the granules any more; `before` is the free block
    /// that ends at `start`, if there is one.
    pub(crate) unsafe fn release(&mut self, start: Offset, end: Offset, before: Option<Found>) {
        let first = before.map_or(start, |before| before.block);
        // SAFETY: a block behind is free if it has an edge there (I2); what is made one has used
        // neighbours (I4), and the edges where it begins and ends.
        unsafe {
            if end == self.top {
                if let Some(before) = before {
                    self.remove(before);
                }
                self.top = first;
                return;
            }
            // What is behind comes first: a granule alone may share its pair with that.
            let last = match self.free_at(end) {
                Some(after) => {
                    let last = end + after.size - 1;
                    self.lose_edge(after, end, last);
                    last
                }
                None => {
                    self.memory.set_edge(end - 1);
                    end - 1
                }
            };
            match before {
                Some(before) => self.lose_edge(before, start - 1, first),
                None => self.memory.set_edge(start),
            }
            self.enter(first, last + 1 - first);
        }
    }
    // ANCHOR_END: release

    /// Takes a free block, which becomes part of a larger one, out of its list. Its edge `inner` is
    /// none any more; `outer` is one still.
    ///
    /// # Safety
    ///
    /// `found` is a free block with its size, and these are its first and its last granule.
    #[inline]
    unsafe fn lose_edge(&mut self, found: Found, inner: Offset, outer: Offset) {
        // SAFETY: by I5 the block is in a list if it has room for links.
        unsafe {
            if found.size >= MIN_SIZE {
                self.unlink(found.block);
            }
            if inner / PAIR != outer / PAIR {
                self.memory.clear_edge(inner);
            }
        }
    }

    /// The free block that ends before the used block `block`. If there is no used block, what is
    /// returned means nothing.
    ///
    /// # Safety
    ///
    /// `block` is the offset of a granule among the blocks.
    #[inline]
    pub(crate) unsafe fn free_before(&self, block: Offset) -> Option<Found> {
        // SAFETY: the granule in front is among the blocks, or the last word of the edge bits. If it
        // is used, its pair has no edge: the other granule is `block`'s or, as used blocks have two
        // (I1), in the same block. So an edge (I2) is that of a free block, which has a size (I3).
        unsafe {
            if !self.memory.is_edge(block - 1) {
                return None;
            }
            let size = self.memory.size_before(block);
            let block = block.wrapping_sub(size);
            Some(Found { block, size })
        }
    }

    /// The free block that begins at `block`, behind a used one.
    ///
    /// # Safety
    ///
    /// A used block ends before `block`, which is below the top.
    #[inline]
    pub(crate) unsafe fn free_at(&self, block: Offset) -> Option<Found> {
        // SAFETY: as in `free_before`.
        unsafe {
            let is_free = self.memory.is_edge(block);
            is_free.then(|| Found {
                block,
                size: self.memory.size(block),
            })
        }
    }
}
