//! talc: a binned allocator with boundary tags in the manner of dlmalloc.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::Region;
use talc::DefaultBinning;
use talc::source::Manual;

use super::foreign::nonempty;
use super::{Foreign, Peer};

/// Talc without a lock. It takes no empty requests.
pub type Talc = talc::base::Talc<Manual, DefaultBinning>;

/// Talc over `region`; one that is too small for its bins refuses every request.
pub fn talc(region: Region) -> Peer<Talc> {
    let mut heap = Talc::new(Manual);
    // SAFETY: a region is the exclusive right to its bytes.
    let _ = unsafe { heap.claim(region.base().as_ptr(), region.len()) };
    Peer(heap)
}

// SAFETY: talc promises what `Allocator` asks; its lists live in the heap, so it may be moved.
unsafe impl Foreign for Talc {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not 0.
        unsafe { self.try_allocate(nonempty(layout)) }
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated or resized with this layout.
        unsafe { Self::deallocate(self, block.as_ptr(), nonempty(layout)) }
    }

    #[inline]
    unsafe fn resize_in_place(&mut self, block: NonNull<u8>, old: Layout, new_size: usize) -> bool {
        // SAFETY: the block has layout `old`; the new size is not 0.
        unsafe { self.try_realloc_in_place(block.as_ptr(), nonempty(old), new_size.max(1)) }
    }
}
