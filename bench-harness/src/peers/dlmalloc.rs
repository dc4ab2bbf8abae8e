//! dlmalloc: Doug Lea's malloc in Rust.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ptr::{NonNull, null_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use core_api::Region;

use super::{Foreign, Peer};

/// dlmalloc over one region, which it takes as its only segment and never gives back.
///
/// The peer's bins point into its own state, so that it must not be moved once it is in use: the
/// box keeps it in its place.
pub struct Dlmalloc(Box<dlmalloc::Dlmalloc<Once>>);

impl Dlmalloc {
    /// Bytes of the peer's state, which is in the box.
    pub const STATE_LEN: usize = size_of::<dlmalloc::Dlmalloc<Once>>();
}

/// A heap in `region`; one that is too small refuses every request.
pub fn dlmalloc(region: Region) -> Peer<Dlmalloc> {
    let source = Once(Cell::new(Some(region)));
    let heap = Box::new(dlmalloc::Dlmalloc::new_with_allocator(source));
    Peer(Dlmalloc(heap))
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
unsafe impl Foreign for Dlmalloc {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: `malloc` takes any size and any power of two.
        NonNull::new(unsafe { self.0.malloc(layout.size(), layout.align()) })
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout.
        unsafe { self.0.free(block.as_ptr(), layout.size(), layout.align()) }
    }

    #[inline]
    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the block was allocated with layout `old` and keeps its alignment.
        NonNull::new(unsafe {
            self.0
                .realloc(block.as_ptr(), old.size(), old.align(), new.size())
        })
    }
}

/// dlmalloc on pages from the OS, behind a lock.
///
/// The package has a `GlobalDlmalloc` of the kind, but that is the one heap on which the harness
/// itself runs: it would be measured on memory that is warm already.
pub struct LockedDlmalloc(Mutex<dlmalloc::Dlmalloc>);

impl LockedDlmalloc {
    /// A heap without memory. It must not be moved once it is in use.
    pub const fn new() -> Self {
        Self(Mutex::new(dlmalloc::Dlmalloc::new()))
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, dlmalloc::Dlmalloc> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for LockedDlmalloc {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: dlmalloc promises what `GlobalAlloc` asks; one thread at a time is inside.
unsafe impl GlobalAlloc for LockedDlmalloc {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: `malloc` takes any size and any power of two.
        unsafe { self.lock().malloc(layout.size(), layout.align()) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.lock().free(block, layout.size(), layout.align()) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for `alloc`.
        unsafe { self.lock().calloc(layout.size(), layout.align()) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let (old_size, align) = (layout.size(), layout.align());
        // SAFETY: the caller's promise.
        unsafe { self.lock().realloc(block, old_size, align, new_size) }
    }
}
