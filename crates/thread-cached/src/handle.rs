//! A heap of a program's own.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, Reclaims, SizelessFree};

use crate::heap::HeapRef;
use crate::registry;
use crate::{resize, tidy};

/// A heap that is created and destroyed whole, with every block in it.
///
/// It is used through `&mut`, by one thread at a time; its blocks may be freed by any thread,
/// with [`ThreadCached`](crate::ThreadCached), while the heap lives. It has at most the address
/// space that it was created with: 16 GiB, or less where that is limited.
///
/// ```
/// use core::alloc::Layout;
/// use core_api::{Allocator, Inspect};
///
/// let mut heap = thread_cached::Heap::new()?;
/// for size in 1..1000 {
///     heap.allocate(Layout::array::<u8>(size)?)?;
/// }
/// assert_eq!(heap.stats().n_used, 999);
/// drop(heap); // and with it the 999 blocks
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Heap(HeapRef);

// SAFETY: the handle owns the heap, and whichever thread has the handle is its only user.
unsafe impl Send for Heap {}

impl Heap {
    /// A heap without blocks.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no address space for it.
    pub fn new() -> Result<Self, AllocError> {
        registry::create(true).map(Self).ok_or(AllocError)
    }

    /// Gives every free page back to the OS now and returns how many bytes that was. O(pages of
    /// the heap + free blocks).
    pub fn purge(&mut self) -> usize {
        tidy::purge_all(self.0)
    }

    pub(crate) fn inner(&self) -> HeapRef {
        self.0
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        // SAFETY: the handle is gone, and with it every block.
        unsafe { registry::destroy(self.0) };
    }
}

// SAFETY: blocks of slabs are distinct, aligned and large enough (I2, I3), as are spans (I2) and
// direct mappings. The region stays where it is when the handle moves. Nothing unwinds.
unsafe impl Allocator for Heap {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the handle owns the heap.
        unsafe { resize::allocate(self.0, layout) }
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, _: Layout) {
        // SAFETY: the handle owns the heap; the caller's promise.
        unsafe { self.0.free(block) }
    }

    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the handle owns the heap.
        unsafe { resize::allocate_zeroed(self.0, layout) }
    }

    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        _: Layout,
        new_size: usize,
    ) -> Result<usize, AllocError> {
        // SAFETY: the caller's promise.
        unsafe { resize::in_place(block, new_size) }
            .map(|resized| resized.usable)
            .ok_or(AllocError)
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the handle owns the heap; the caller's promise.
        unsafe { resize::reallocate(self.0, block, old, new, false) }
    }

    unsafe fn grow_zeroed(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: as for `grow`.
        unsafe { resize::reallocate(self.0, block, old, new, true) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: as for `grow`.
        unsafe { resize::reallocate(self.0, block, old, new, false) }
    }

    fn reclaims(&self) -> Reclaims {
        Reclaims::Everything
    }
}

// SAFETY: the usable size is that of the block's class, span or mapping.
unsafe impl SizelessFree for Heap {
    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>) {
        // SAFETY: the handle owns the heap; the caller's promise.
        unsafe { self.0.free(block) }
    }

    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        resize::usable_size(block)
    }

    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the handle owns the heap; the caller's promise.
        unsafe { resize::realloc(self.0, block, new) }
    }
}
