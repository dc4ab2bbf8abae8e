//! linked_list_allocator: an address-ordered free list, first fit, no headers.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::Region;
use linked_list_allocator::Heap;

use super::{Foreign, Peer};

/// Below this many bytes the peer panics instead of making a heap.
const SMALLEST_HEAP: usize = 4 * size_of::<usize>();

/// An address-ordered first-fit heap in `region`; one that is too small refuses every request.
pub fn linked_list(region: Region) -> Peer<Heap> {
    let mut heap = Heap::empty();
    if region.len() >= SMALLEST_HEAP {
        // SAFETY: a region is the exclusive right to its bytes; the heap is empty.
        unsafe { heap.init(region.base().as_ptr(), region.len()) };
    }
    Peer(heap)
}

// SAFETY: the peer promises what `Allocator` asks; its list's head is found through `&mut self`.
unsafe impl Foreign for Heap {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.allocate_first_fit(layout).ok()
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout. The peer's own method goes first.
        unsafe { Self::deallocate(self, block, layout) }
    }
}
