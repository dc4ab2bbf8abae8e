//! A heap that checks every block before it frees or resizes it.

use core::alloc::Layout;
use core::fmt;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use core_api::{
    AllocError, Allocator, Block, Corruption, HeapStats, Inspect, SizelessFree, Source, fatal,
};

use crate::heap::CoalescingHeap;
use crate::merging::{Deferred, Merging};

/// A [`CoalescingHeap`] that checks the headers around a block before it frees or resizes it.
///
/// If the headers are wrong, it ends the process with a message; [`try_deallocate`](CoalescingHeap::try_deallocate)
/// lists the mistakes that it finds. It detects an overrun when the program frees the overrun block or the
/// block behind it, before the damage reaches the lists. Allocating costs nothing more. A free reads up to
/// four headers around the block: O(1), or O(regions) if the heap has several regions.
///
/// ```
/// use coalescing::Checked;
/// use core::alloc::Layout;
/// use core::mem::MaybeUninit;
/// use core_api::{Allocator, Borrowed};
///
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut heap: Checked<_> = Checked::new(Borrowed::new(&mut buffer));
/// let layout = Layout::new::<[u64; 4]>();
/// let block = heap.allocate(layout)?.cast();
/// // SAFETY: the block is live; a second such call would end the process.
/// unsafe { heap.deallocate(block, layout) };
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub struct Checked<S: Source, const GRANULE: usize = 8, M: Merging = Deferred>(
    CoalescingHeap<S, GRANULE, M>,
);

impl<S: Source, const GRANULE: usize, M: Merging> Checked<S, GRANULE, M> {
    /// Returns an empty heap that asks `source` for memory at the first allocation. O(1).
    ///
    /// ```
    /// use core::mem::MaybeUninit;
    /// use coalescing::Checked;
    /// use core_api::{Borrowed, Inspect};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let heap: Checked<_> = Checked::new(Borrowed::new(&mut buffer));
    /// assert_eq!(heap.stats().n_used, 0);
    /// ```
    pub const fn new(source: S) -> Self {
        Self(CoalescingHeap::new(source))
    }

    /// Ends the process unless the headers say that `block` is used.
    #[inline]
    fn examine(&self, block: NonNull<u8>) {
        if let Err(misuse) = self.0.examine(block.addr().get()) {
            fatal(misuse)
        }
    }
}

// SAFETY: every method calls the heap's own, after a check that changes nothing.
unsafe impl<S: Source, const GRANULE: usize, M: Merging> Allocator for Checked<S, GRANULE, M> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate(layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on; the call checks most of it.
        if let Err(misuse) = unsafe { self.0.try_deallocate(block, layout) } {
            fatal(misuse)
        }
    }

    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate_zeroed(layout)
    }

    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.examine(block);
        // SAFETY: the caller's promise.
        unsafe { self.0.resize_in_place(block, old, new_size) }
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.examine(block);
        // SAFETY: the caller's promise.
        unsafe { Allocator::grow(&mut self.0, block, old, new) }
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.examine(block);
        // SAFETY: the caller's promise.
        unsafe { Allocator::shrink(&mut self.0, block, old, new) }
    }
}

// SAFETY: as for `Allocator`.
unsafe impl<S: Source, const GRANULE: usize, M: Merging> SizelessFree for Checked<S, GRANULE, M> {
    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>) {
        self.examine(block);
        // SAFETY: the caller's promise.
        unsafe { self.0.free(block) }
    }

    #[inline]
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { self.0.usable_size(block) }
    }

    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.examine(block);
        // SAFETY: the caller's promise.
        unsafe { self.0.realloc(block, new) }
    }
}

impl<S: Source, const GRANULE: usize, M: Merging> Inspect for Checked<S, GRANULE, M> {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.0.walk(visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        self.0.check()
    }

    fn stats(&self) -> HeapStats {
        self.0.stats()
    }
}

impl<S: Source, const GRANULE: usize, M: Merging> fmt::Debug for Checked<S, GRANULE, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Checked").finish_non_exhaustive()
    }
}
