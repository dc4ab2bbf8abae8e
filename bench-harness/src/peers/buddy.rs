//! buddy_system_allocator: binary buddies (Knowlton, 1965).

use std::alloc::Layout;
use std::ptr::NonNull;

use buddy_system_allocator::Heap;
use core_api::{AllocError, Allocator, Region};

use super::{only_equal, sized};

/// Binary buddies up to 4 GiB over one region. It has no reallocation of its own.
#[derive(Debug)]
pub struct Buddy(Heap<33>);

impl Buddy {
    /// A heap in `region`, which the peer cuts into aligned powers of two.
    pub fn new(region: Region) -> Self {
        let mut heap = Heap::new();
        if region.len() >= 2 * size_of::<usize>() {
            // SAFETY: a region is the exclusive right to its bytes.
            unsafe { heap.init(region.start(), region.len()) };
        }
        Self(heap)
    }
}

// SAFETY: the peer promises what `Allocator` asks; its lists' heads are found through `&mut self`.
unsafe impl Allocator for Buddy {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        sized(self.0.alloc(layout).ok(), layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout.
        unsafe { self.0.dealloc(block, layout) }
    }

    // The peer wants the exact layout back.
    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        _block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<usize, AllocError> {
        only_equal(old, new_size)
    }
}
