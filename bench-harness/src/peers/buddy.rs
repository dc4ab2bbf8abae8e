//! buddy_system_allocator: binary buddies (Knowlton, 1965).

use std::alloc::Layout;
use std::ptr::NonNull;

use buddy_system_allocator::Heap;
use core_api::Region;

use super::{Foreign, Peer};

/// Binary buddies up to 4 GiB. The peer has no reallocation of its own.
pub type Buddy = Heap<33>;

/// A heap in `region`, which the peer cuts into aligned powers of two.
pub fn buddy(region: Region) -> Peer<Buddy> {
    let mut heap = Heap::new();
    if region.len() >= 2 * size_of::<usize>() {
        // SAFETY: a region is the exclusive right to its bytes.
        unsafe { heap.init(region.start(), region.len()) };
    }
    Peer(heap)
}

// SAFETY: the peer promises what `Allocator` asks; its lists' heads are found through `&mut self`.
unsafe impl Foreign for Buddy {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.alloc(layout).ok()
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout.
        unsafe { self.dealloc(block, layout) }
    }
}
