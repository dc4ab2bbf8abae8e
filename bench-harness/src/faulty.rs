//! Broken allocators: they show that the harness reports a broken one and goes on.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator, Region};

/// Ends its process with `SIGABRT` at the first request.
#[derive(Debug)]
pub(crate) struct Crashing;

// SAFETY: it never returns a block.
unsafe impl Allocator for Crashing {
    fn allocate(&mut self, _layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        std::process::abort()
    }
    unsafe fn deallocate(&mut self, _block: NonNull<u8>, _layout: Layout) {}
}

/// Keeps the first caller waiting for ever.
#[derive(Debug)]
pub(crate) struct Hanging;

// SAFETY: it never returns a block.
unsafe impl Allocator for Hanging {
    fn allocate(&mut self, _layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        loop {
            std::thread::park();
        }
    }
    unsafe fn deallocate(&mut self, _block: NonNull<u8>, _layout: Layout) {}
}

/// Puts every block at the start of its heap.
#[derive(Debug)]
pub(crate) struct Overlapping(Region);

impl Overlapping {
    /// One block in `region`, again and again.
    pub(crate) fn new(region: Region) -> Self {
        Self(region)
    }
}

// SAFETY: none: it breaks the promise that blocks are disjoint, which is what it is for. The bytes
// it hands out are those of its region.
unsafe impl Allocator for Overlapping {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let fits = layout.size() <= self.0.len() && layout.align() <= 4096;
        let block = NonNull::slice_from_raw_parts(self.0.base(), layout.size());
        fits.then_some(block).ok_or(AllocError)
    }
    unsafe fn deallocate(&mut self, _block: NonNull<u8>, _layout: Layout) {}

    // Moving a block would copy it onto itself.
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        _old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let fits = new_size <= self.0.len();
        let resized = NonNull::slice_from_raw_parts(block, new_size);
        fits.then_some(resized).ok_or(AllocError)
    }
}
