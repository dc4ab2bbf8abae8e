//! What the heap asks of a stage, and how a lock answers for those that have none.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;

use core_api::{
    AllocError, Allocator, HeapStats, Inspect, Locked, RawLock, Reclaims, SizelessFree,
};
use mmap_backed::FutexLock;
use thread_cached::{Census, ThreadCached};

use crate::trim::Trim;

/// A stage that several threads can call.
///
/// # Safety
///
/// As `Allocator` and `SizelessFree`, for calls from any thread at any time.
pub(crate) unsafe trait Served: Sync {
    /// Whether [`allocate`](Self::allocate), [`realloc`](Self::realloc) and [`free`](Self::free) leave
    /// `errno` as it was (P5).
    const KEEPS_ERRNO: bool = false;

    /// A small block that is at hand, for C's alignment; else what `otherwise` returns.
    #[inline(always)]
    fn malloc_or(&self, size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        otherwise(size)
    }

    /// As [`malloc_or`](Self::malloc_or), for blocks that are not that small.
    #[inline(always)]
    fn malloc_medium_or(&self, size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        otherwise(size)
    }

    /// Takes a block back, if that is a matter of a few instructions; else leaves it to `otherwise`.
    ///
    /// # Safety
    ///
    /// `block` is null, or live and not used again.
    #[inline(always)]
    unsafe fn free_or(&self, block: *mut u8, otherwise: impl FnOnce(*mut u8)) {
        otherwise(block);
    }

    /// Resizes a block, if that is a matter of a few instructions; else returns what `otherwise` does.
    ///
    /// # Safety
    ///
    /// `block` is null, or live and not used again unless the result is null; `size` is not 0.
    #[inline(always)]
    unsafe fn realloc_or(
        &self,
        block: *mut u8,
        size: usize,
        otherwise: impl FnOnce(*mut u8, usize) -> *mut u8,
    ) -> *mut u8 {
        otherwise(block, size)
    }

    /// Leaves all requests to the others from now on: somebody wants to see them.
    fn watch(&self) {}

    /// See `Allocator::allocate`; the layout's size is not 0.
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError>;

    /// See `Allocator::allocate_zeroed`; the layout's size is not 0, and so many bytes are zero.
    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<u8>, AllocError>;

    /// # Safety
    ///
    /// See `SizelessFree::free`.
    unsafe fn free(&self, block: NonNull<u8>);

    /// # Safety
    ///
    /// See `SizelessFree::realloc`.
    unsafe fn realloc(&self, block: NonNull<u8>, layout: Layout)
    -> Result<NonNull<u8>, AllocError>;

    /// # Safety
    ///
    /// See `SizelessFree::usable_size`.
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize;

    /// See `Allocator::reclaims`.
    fn reclaims(&self) -> Reclaims;

    /// See `Inspect::stats`.
    fn stats(&self) -> HeapStats;

    /// Counts of each size, where there are size classes.
    fn census(&self) -> Option<Census> {
        None
    }

    /// Gives memory back to the system; how many bytes that was at most.
    fn trim(&self) -> usize;

    /// Keeps the other threads out until [`after_fork`](Self::after_fork) (P4).
    fn before_fork(&self);

    /// Lets them in again; in the child too, which has none.
    ///
    /// # Safety
    ///
    /// [`before_fork`](Self::before_fork) was called in this thread.
    unsafe fn after_fork(&self);
}

/// A stage that has no lock, behind one.
pub(crate) type Shared<A> = Locked<A, FutexLock>;

// SAFETY: one thread at a time is let in, and each method is the stage's own.
unsafe impl<A> Served for Shared<A>
where
    A: SizelessFree + Inspect + Trim + Send,
{
    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        let mut shared = self;
        Allocator::allocate(&mut shared, layout).map(NonNull::cast)
    }

    #[inline]
    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        let mut shared = self;
        Allocator::allocate_zeroed(&mut shared, layout).map(NonNull::cast)
    }

    #[inline]
    unsafe fn free(&self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on; the heap stays where it is.
        unsafe { self.with_mut(|stage| stage.free(block)) }
    }

    #[inline]
    unsafe fn realloc(
        &self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: the caller's promise is passed on; the heap stays where it is.
        unsafe { self.with_mut(|stage| stage.realloc(block, layout)) }.map(NonNull::cast)
    }

    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise is passed on.
        self.inspect(|stage| unsafe { stage.usable_size(block) })
    }

    fn reclaims(&self) -> Reclaims {
        self.inspect(Allocator::reclaims)
    }

    fn stats(&self) -> HeapStats {
        self.inspect(Inspect::stats)
    }

    fn trim(&self) -> usize {
        // SAFETY: trimming leaves the heap and its live blocks where they are.
        unsafe { self.with_mut(Trim::trim) }
    }

    fn before_fork(&self) {
        self.lock().acquire();
    }

    unsafe fn after_fork(&self) {
        // SAFETY: acquired by `before_fork`, says the caller.
        unsafe { self.lock().release() };
    }
}

// SAFETY: any thread may call it; the methods are its own. It is a handle, and a copy is the same
// allocator.
unsafe impl Served for ThreadCached {
    const KEEPS_ERRNO: bool = true;

    #[inline(always)]
    fn malloc_or(&self, size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        ThreadCached::malloc_or(self, size, otherwise)
    }

    #[inline(always)]
    fn malloc_medium_or(&self, size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        ThreadCached::malloc_medium_or(self, size, otherwise)
    }

    #[inline(always)]
    unsafe fn free_or(&self, block: *mut u8, otherwise: impl FnOnce(*mut u8)) {
        // SAFETY: the caller's promise is passed on.
        unsafe { ThreadCached::free_or(self, block, otherwise) }
    }

    #[inline(always)]
    unsafe fn realloc_or(
        &self,
        block: *mut u8,
        size: usize,
        otherwise: impl FnOnce(*mut u8, usize) -> *mut u8,
    ) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        unsafe { ThreadCached::realloc_or(self, block, size, otherwise) }
    }

    fn watch(&self) {
        ThreadCached::watch(self);
    }

    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: the size is not 0.
        NonNull::new(unsafe { GlobalAlloc::alloc(self, layout) }).ok_or(AllocError)
    }

    #[inline]
    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: the size is not 0.
        NonNull::new(unsafe { GlobalAlloc::alloc_zeroed(self, layout) }).ok_or(AllocError)
    }

    #[inline]
    unsafe fn free(&self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { SizelessFree::free(&mut { *self }, block) }
    }

    #[inline]
    unsafe fn realloc(
        &self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe { SizelessFree::realloc(&mut { *self }, block, layout) }.map(NonNull::cast)
    }

    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise is passed on.
        unsafe { SizelessFree::usable_size(self, block) }
    }

    fn reclaims(&self) -> Reclaims {
        Allocator::reclaims(self)
    }

    fn stats(&self) -> HeapStats {
        Inspect::stats(self)
    }

    fn census(&self) -> Option<Census> {
        Some(ThreadCached::census(self))
    }

    fn trim(&self) -> usize {
        self.purge()
    }

    // It has handlers for `fork` of its own.
    fn before_fork(&self) {}

    unsafe fn after_fork(&self) {}
}
