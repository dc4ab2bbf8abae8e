//! dlmalloc: Doug Lea's malloc in Rust.

use std::alloc::Layout;
use std::cell::Cell;
use std::ptr::{NonNull, null_mut};

use core_api::{AllocError, Allocator, Region};

use super::{only_equal, sized};

/// dlmalloc over one region, which it takes as its only segment and never gives back.
///
/// The peer's bins point into its own state, so that it must not be moved once it is in use: the
/// box keeps it in its place.
pub struct Dlmalloc(Box<dlmalloc::Dlmalloc<Once>>);

impl Dlmalloc {
    /// Bytes of the peer's state, which is in the box.
    pub const STATE_LEN: usize = size_of::<dlmalloc::Dlmalloc<Once>>();

    /// A heap in `region`; one that is too small refuses every request.
    pub fn new(region: Region) -> Self {
        let source = Once(Cell::new(Some(region)));
        Self(Box::new(dlmalloc::Dlmalloc::new_with_allocator(source)))
    }
}

/// Plays the operating system: one region, once.
struct Once(Cell<Option<Region>>);

// SAFETY: the region is handed out once and nothing is taken back, so it stays dlmalloc's.
unsafe impl dlmalloc::Allocator for Once {
    fn alloc(&self, _at_least: usize) -> (*mut u8, usize, u32) {
        // A region shorter than asked for is fine: dlmalloc looks at the length it gets.
        let usable = self.0.take().filter(|region| region.len() >= 1024);
        match usable {
            Some(region) => (region.base().as_ptr(), region.len(), 0),
            None => (null_mut(), 0, 0),
        }
    }
    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        null_mut()
    }
    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }
    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }
    fn can_release_part(&self, _: u32) -> bool {
        false
    }
    fn allocates_zeros(&self) -> bool {
        false
    }
    fn page_size(&self) -> usize {
        4096
    }
}

// SAFETY: dlmalloc promises what `Allocator` asks as long as it is not moved, see the type.
unsafe impl Allocator for Dlmalloc {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: `malloc` takes any size and any power of two.
        let block = unsafe { self.0.malloc(layout.size(), layout.align()) };
        sized(NonNull::new(block), layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout.
        unsafe { self.0.free(block.as_ptr(), layout.size(), layout.align()) }
    }

    // dlmalloc checks the size that it is given back against that of the block.
    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        _block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<usize, AllocError> {
        only_equal(old, new_size)
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if old.align() != new.align() {
            // SAFETY: the caller's promise is passed on.
            return unsafe { core_api::reallocate(self, block, old, new) };
        }
        // SAFETY: the block was allocated with layout `old` and keeps its alignment.
        let moved = unsafe {
            self.0
                .realloc(block.as_ptr(), old.size(), old.align(), new.size())
        };
        sized(NonNull::new(moved), new)
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: dlmalloc's `realloc` does not mind the direction.
        unsafe { self.grow(block, old, new) }
    }
}
