//! An allocator that refuses to be large: generated programs ask for 16 GiB now and then, which an
//! OS may give.

use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, Block, Corruption, Handle, Inspect, SizelessFree};

/// The largest request that is passed on.
pub(crate) const MOST: usize = 4 << 20;

#[derive(Clone, Debug)]
pub(crate) struct Capped<A> {
    inner: A,
    /// Runs before each allocation and deallocation.
    before: fn(&mut A),
}

impl<A> Capped<A> {
    pub(crate) fn new(inner: A) -> Self {
        Self::with(inner, |_| ())
    }

    pub(crate) fn with(inner: A, before: fn(&mut A)) -> Self {
        Self { inner, before }
    }
}

fn modest(size: usize) -> Result<(), AllocError> {
    if size <= MOST {
        Ok(())
    } else {
        Err(AllocError)
    }
}

// SAFETY: clones hold clones of the inner handle.
unsafe impl<A: Handle> Handle for Capped<A> {}

// SAFETY: every method is the inner allocator's own, or fails.
unsafe impl<A: Allocator> Allocator for Capped<A> {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        modest(layout.size())?;
        (self.before)(&mut self.inner);
        self.inner.allocate(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        (self.before)(&mut self.inner);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.deallocate(block, layout) }
    }

    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        modest(layout.size())?;
        self.inner.allocate_zeroed(layout)
    }

    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        modest(new_size)?;
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.resize_in_place(block, old, new_size) }
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        modest(new.size())?;
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.grow(block, old, new) }
    }

    unsafe fn grow_zeroed(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        modest(new.size())?;
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.grow_zeroed(block, old, new) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.shrink(block, old, new) }
    }
}

// SAFETY: every method is the inner allocator's own, or fails.
unsafe impl<A: SizelessFree> SizelessFree for Capped<A> {
    unsafe fn free(&mut self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.free(block) }
    }

    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.usable_size(block) }
    }

    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        modest(new.size())?;
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.realloc(block, new) }
    }
}

impl<A: Inspect> Inspect for Capped<A> {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.inner.walk(visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        self.inner.check()
    }
}
