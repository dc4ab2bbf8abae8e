//! linked_list_allocator: an address-ordered free list, first fit, no headers.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator, Region};
use linked_list_allocator::Heap;

use super::{only_equal, sized};

/// Below this many bytes the peer panics instead of making a heap.
const SMALLEST_HEAP: usize = 4 * size_of::<usize>();

/// An address-ordered first-fit heap over one region. It has no reallocation of its own.
pub struct LinkedList(Heap);

impl LinkedList {
    /// A heap in `region`; one that is too small refuses every request.
    pub fn new(region: Region) -> Self {
        let mut heap = Heap::empty();
        if region.len() >= SMALLEST_HEAP {
            // SAFETY: a region is the exclusive right to its bytes; the heap is empty.
            unsafe { heap.init(region.base().as_ptr(), region.len()) };
        }
        Self(heap)
    }
}

// SAFETY: the peer promises what `Allocator` asks; its list's head is found through `&mut self`.
unsafe impl Allocator for LinkedList {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        sized(self.0.allocate_first_fit(layout).ok(), layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout.
        unsafe { self.0.deallocate(block, layout) }
    }

    // A hole is cut to the layout's size, so a shorter layout must not be freed in its place.
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
