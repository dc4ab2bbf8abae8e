//! The interface that the heap needs from a stage, and the lock for stages that have none.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;

use core_api::{
    AllocError, Allocator, HeapStats, Inspect, Locked, RawLock, Reclaims, SizelessFree,
};
use mmap_backed::FutexLock;
use thread_cached::{SizeClassStats, ThreadCached};

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

    /// Returns a small block, aligned for C, if one is at hand; else the result of `otherwise`.
    #[inline(always)]
    fn malloc_or(&self, size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        otherwise(size)
    }

    /// As [`malloc_or`](Self::malloc_or), for blocks of up to 32 KiB.
    #[inline(always)]
    fn malloc_medium_or(&self, size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        otherwise(size)
    }

    /// Frees a block if a few instructions suffice; else calls `otherwise`.
    ///
    /// # Safety
    ///
    /// `block` is null, or it is live and the caller does not use it again.
    #[inline(always)]
    unsafe fn free_or(&self, block: *mut u8, otherwise: impl FnOnce(*mut u8)) {
        otherwise(block);
    }

    /// Frees a block that [`free_or`](Self::free_or) did not.
    ///
    /// # Safety
    ///
    /// See `SizelessFree::free`.
    #[inline(always)]
    unsafe fn free_refused(&self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.free(block) }
    }

    /// Resizes a block if a few instructions suffice; else returns the result of `otherwise`.
    ///
    /// # Safety
    ///
    /// `block` is null, or it is live and the caller does not use it again unless the result is null;
    /// `size` is not 0.
    #[inline(always)]
    unsafe fn realloc_or(
        &self,
        block: *mut u8,
        size: usize,
        otherwise: impl FnOnce(*mut u8, usize) -> *mut u8,
    ) -> *mut u8 {
        otherwise(block, size)
    }

    /// Turns the fast paths (`…_or`) off, so that every later request passes through `otherwise`.
    fn watch(&self) {}

    /// Turns the fast paths of the calling thread off while a tracer listens, and on again afterwards.
    fn refresh(&self) {}

    /// See `Allocator::allocate`; the layout's size is not 0.
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError>;

    /// See `Allocator::allocate_zeroed`; the layout's size is not 0, and that many bytes are zero.
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

    /// Returns the counts of each size class, if the stage has size classes.
    fn size_classes(&self) -> Option<SizeClassStats> {
        None
    }

    /// Gives free memory back to the system and returns an upper bound of the bytes.
    fn trim(&self) -> usize;

    /// Keeps the other threads out until [`after_fork`](Self::after_fork) (P4).
    fn before_fork(&self);

    /// Lets the other threads in again. The child calls it too, although it has no other thread.
    ///
    /// # Safety
    ///
    /// The calling thread called [`before_fork`](Self::before_fork).
    unsafe fn after_fork(&self);
}

/// A stage without a lock of its own, behind one.
pub(crate) type Shared<A> = Locked<A, FutexLock>;

// SAFETY: the lock lets in one thread at a time, and each method calls the stage's own.
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
        // SAFETY: the caller promises that `before_fork` acquired the lock in this thread.
        unsafe { self.lock().release() };
    }
}

/// On the stage `hardened` no block is the stage's, so its hit paths would find none.
const ALWAYS_HARDENED: bool = cfg!(feature = "hardened");

// SAFETY: any thread may call `ThreadCached`, and each method calls its own. The value is a handle: a
// copy refers to the same allocator.
unsafe impl Served for ThreadCached {
    const KEEPS_ERRNO: bool = true;

    #[inline(always)]
    fn malloc_or(&self, size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        let block = (!ALWAYS_HARDENED).then(|| self.malloc_at_hand(size));
        block
            .flatten()
            .map_or_else(|| otherwise(size), NonNull::as_ptr)
    }

    #[inline(always)]
    fn malloc_medium_or(&self, size: usize, otherwise: impl FnOnce(usize) -> *mut u8) -> *mut u8 {
        let block = (!ALWAYS_HARDENED).then(|| self.malloc_medium_at_hand(size));
        block
            .flatten()
            .map_or_else(|| otherwise(size), NonNull::as_ptr)
    }

    #[inline(always)]
    unsafe fn free_or(&self, block: *mut u8, otherwise: impl FnOnce(*mut u8)) {
        // SAFETY: the caller's promise is passed on.
        if ALWAYS_HARDENED || !unsafe { self.free_at_hand(block) } {
            otherwise(block);
        }
    }

    #[inline(always)]
    unsafe fn free_refused(&self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { ThreadCached::free_not_at_hand(self, block) }
    }

    #[inline(always)]
    unsafe fn realloc_or(
        &self,
        block: *mut u8,
        size: usize,
        otherwise: impl FnOnce(*mut u8, usize) -> *mut u8,
    ) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        let resized = (!ALWAYS_HARDENED).then(|| unsafe { self.realloc_at_hand(block, size) });
        resized
            .flatten()
            .map_or_else(|| otherwise(block, size), NonNull::as_ptr)
    }

    fn watch(&self) {
        ThreadCached::watch(self);
    }

    fn refresh(&self) {
        ThreadCached::refresh(self);
    }

    #[inline]
    fn allocate(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: `Served::allocate` demands that the size is not 0.
        NonNull::new(unsafe { GlobalAlloc::alloc(self, layout) }).ok_or(AllocError)
    }

    #[inline]
    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        // SAFETY: `Served::allocate_zeroed` demands that the size is not 0.
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

    fn size_classes(&self) -> Option<SizeClassStats> {
        Some(ThreadCached::size_class_stats(self))
    }

    fn trim(&self) -> usize {
        self.purge()
    }

    // Empty: `ThreadCached` registers its own handlers for `fork`.
    fn before_fork(&self) {}

    unsafe fn after_fork(&self) {}
}
