//! Frees a block: looks at its neighbours, and merges it with the free ones.

use core_api::Source;

use crate::Offset;
use crate::heap::{HeaderlessHeap, MIN_SIZE};
use crate::lists::Found;
use crate::memory::PAIR;

impl<S: Source> HeaderlessHeap<S> {
    // ANCHOR: release
    /// Frees the granules from `start` to `end` and merges them with `before` and with a free block behind
    /// them. O(1).
    ///
    /// # Safety
    ///
    /// A used block ended at `end`, and nothing uses the granules any more; `before` is the free block
    /// that ends at `start`, if there is one.
    pub(crate) unsafe fn release(&mut self, start: Offset, end: Offset, before: Option<Found>) {
        let first = before.map_or(start, |before| before.block);
        // SAFETY: the block behind is free if its pair has an edge (I2). The merged block has used neighbours
        // (I4), and edges exactly at its first and its last granule.
        unsafe {
            if end == self.top {
                if let Some(before) = before {
                    self.remove(before);
                }
                self.top = first;
                return;
            }
            // The block behind comes first: a single freed granule may share its pair with that block.
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

    /// Takes a free block, which becomes part of a larger one, out of its list. Clears its edge `inner`, and
    /// keeps `outer`.
    ///
    /// # Safety
    ///
    /// `found` is a free block with its size; `inner` and `outer` are its first and its last granule, in
    /// either order.
    #[inline]
    unsafe fn lose_edge(&mut self, found: Found, inner: Offset, outer: Offset) {
        // SAFETY: the block is free by the caller's promise; by I5 it is in a list if it has room for links.
        unsafe {
            if found.size >= MIN_SIZE {
                self.unlink(found.block);
            }
            if inner / PAIR != outer / PAIR {
                self.memory.clear_edge(inner);
            }
        }
    }

    /// Returns the free block that ends before the used block `block`. If `block` is not a used block, the
    /// result has no meaning.
    ///
    /// # Safety
    ///
    /// `block` is the offset of a granule among the blocks.
    #[inline]
    pub(crate) unsafe fn free_before(&self, block: Offset) -> Option<Found> {
        // SAFETY: the granule in front lies among the blocks, or is the last word of the edge bits. If it is
        // used, its pair has no edge: the pair's other granule belongs to `block`, or to the same used block,
        // which has at least two granules (I1). So an edge belongs to a free block (I2), which has a size (I3).
        unsafe {
            if !self.memory.is_edge(block - 1) {
                return None;
            }
            let size = self.memory.size_before(block);
            let block = block.wrapping_sub(size);
            Some(Found { block, size })
        }
    }

    /// Returns the free block that begins at `block`, behind a used one.
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
