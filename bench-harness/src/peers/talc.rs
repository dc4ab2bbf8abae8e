//! talc: a binned allocator with boundary tags in the manner of dlmalloc.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator, Region};
use talc::DefaultBinning;
use talc::source::Manual;

use super::sized;

/// Talc without a lock, over one region.
#[derive(Debug)]
pub struct Talc(talc::base::Talc<Manual, DefaultBinning>);

impl Talc {
    /// A heap in `region`; one that is too small for talc's bins refuses every request.
    pub fn new(region: Region) -> Self {
        let mut inner = talc::base::Talc::new(Manual);
        // SAFETY: a region is the exclusive right to its bytes.
        let _ = unsafe { inner.claim(region.base().as_ptr(), region.len()) };
        Self(inner)
    }
}

/// Talc takes no requests of size 0.
#[inline]
fn nonzero(layout: Layout) -> Layout {
    match layout.size() {
        0 => Layout::from_size_align(1, layout.align()).unwrap_or(layout),
        _ => layout,
    }
}

// SAFETY: talc promises what `Allocator` asks; its lists live in the heap, so it may be moved.
unsafe impl Allocator for Talc {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the size is not 0.
        sized(unsafe { self.0.try_allocate(nonzero(layout)) }, layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated or resized with this layout.
        unsafe { self.0.deallocate(block.as_ptr(), nonzero(layout)) }
    }

    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<usize, AllocError> {
        let (old, len) = (nonzero(old), new_size.max(1));
        // SAFETY: the block has layout `old`; the new size is not 0.
        match unsafe { self.0.try_realloc_in_place(block.as_ptr(), old, len) } {
            true => Ok(new_size),
            false => Err(AllocError),
        }
    }
}
