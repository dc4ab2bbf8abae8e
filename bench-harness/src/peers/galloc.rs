//! good_memory_allocator ("galloc"): bins by size and alignment, boundary tags.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::Region;
use good_memory_allocator::Allocator as Heap;

use super::{Foreign, Peer};

/// Below this many bytes the peer cannot make its first block.
const SMALLEST_HEAP: usize = 64;

/// Galloc in a box: its heap points back into its state, so that it must not move.
#[derive(Debug)]
pub struct Galloc(Box<Heap>);

impl Galloc {
    /// Bytes of the peer's state, which is in the box.
    pub const STATE_LEN: usize = size_of::<Heap>();
}

/// A heap in `region`; one that is too small refuses every request.
pub fn galloc(region: Region) -> Peer<Galloc> {
    let mut heap = Box::new(Heap::empty());
    if region.len() >= SMALLEST_HEAP {
        // SAFETY: a region is the exclusive right to its bytes; the box stays where it is.
        unsafe { heap.init(region.start(), region.len()) };
    }
    Peer(Galloc(heap))
}

// SAFETY: the peer promises what `Allocator` asks as long as it is not moved, see the type.
unsafe impl Foreign for Galloc {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the peer takes any layout.
        NonNull::new(unsafe { self.0.alloc(layout) })
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, _layout: Layout) {
        // SAFETY: the block is live.
        unsafe { self.0.dealloc(block.as_ptr()) }
    }

    #[inline]
    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the block is live and was allocated with layout `old`.
        NonNull::new(unsafe { self.0.realloc(block.as_ptr(), old, new.size()) })
    }
}
