//! The memory of a slab, which is carved block by block.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;

use crate::BLOCK;
use crate::layout::classes;
use crate::layout::units::PAGE;

/// The class of the figure's blocks.
pub(crate) fn class() -> usize {
    classes::of_size(BLOCK)
}

/// Memory for the blocks of one slab.
#[derive(Debug)]
pub(crate) struct Slab {
    base: NonNull<u8>,
    n_carved: usize,
}

impl Slab {
    /// Blocks of a slab.
    pub(crate) fn n_blocks() -> usize {
        classes::slab_blocks(class())
    }

    fn layout() -> Layout {
        let bytes = classes::slab_pages(class()) * PAGE;
        Layout::from_size_align(bytes, PAGE).expect("a few pages")
    }

    pub(crate) fn new() -> Self {
        // SAFETY: a slab has pages.
        let base = NonNull::new(unsafe { alloc_zeroed(Self::layout()) });
        Self {
            base: base.unwrap_or_else(|| handle_alloc_error(Self::layout())),
            n_carved: 0,
        }
    }

    /// Carves the next block, if the slab has another one. A page has room for less than two of these blocks, so the
    /// allocator carves one at a time as well.
    pub(crate) fn carve(&mut self) -> Option<NonNull<u8>> {
        if self.n_carved == Self::n_blocks() {
            return None;
        }
        self.n_carved += 1;
        Some(self.block(self.n_carved - 1))
    }

    /// Returns a block by its place in the order of carving.
    ///
    /// # Panics
    ///
    /// If it is not carved.
    pub(crate) fn block(&self, index: usize) -> NonNull<u8> {
        assert!(index < self.n_carved);
        // SAFETY: the slab has room for all blocks that were carved.
        unsafe { self.base.add(index * BLOCK) }
    }

    /// Returns the place of a block in the order of carving, if it is one of this slab.
    pub(crate) fn index(&self, block: NonNull<u8>) -> Option<usize> {
        let distance = block.addr().get().checked_sub(self.base.addr().get())?;
        (distance < self.n_carved * BLOCK).then_some(distance / BLOCK)
    }
}

impl Drop for Slab {
    fn drop(&mut self) {
        // SAFETY: `new` allocated the bytes with this layout. The heap drops its lists with its slabs.
        unsafe { dealloc(self.base.as_ptr(), Self::layout()) }
    }
}
