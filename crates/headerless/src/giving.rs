//! Freeing: make a free block of granules.

use core_api::Source;

use crate::heap::{HeaderlessHeap, MIN_SIZE};
use crate::{Granules, Offset};

impl<S: Source> HeaderlessHeap<S> {
    /// Makes the `size` granules from `block` a free block; does nothing if `size` is 0.
    ///
    /// # Safety
    ///
    /// The granules are in no block, and the blocks around them are used.
    #[inline]
    pub(crate) unsafe fn give(&mut self, block: Offset, size: Granules) {
        if size == 0 {
            return;
        }
        // SAFETY: by the caller's promise the granules belong to the heap and to no block.
        unsafe {
            self.memory.set_edge(block);
            self.memory.set_edge(block + size - 1);
            self.enter(block, size);
        }
    }

    /// Writes the tags of a free block whose edges are set, and puts the block in a list if it has room for
    /// links.
    ///
    /// # Safety
    ///
    /// As for [`give`](Self::give); `size` is not 0.
    #[inline]
    pub(crate) unsafe fn enter(&mut self, block: Offset, size: Granules) {
        // SAFETY: by the caller's promise the granules belong to the heap, and the block is in no list.
        unsafe {
            self.memory.set_tags(block, size);
            if size >= MIN_SIZE {
                self.link(block, size);
            }
        }
    }
}
