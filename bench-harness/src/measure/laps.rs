//! A layer that takes the time of each call.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator};

use super::clock::now;

/// The ticks of each call of a replay, in order.
#[derive(Debug)]
pub struct Laps<'a> {
    ticks: std::slice::IterMut<'a, u32>,
}

impl<'a> Laps<'a> {
    /// Writes to each of `ticks` what its call takes.
    pub(crate) fn new(ticks: &'a mut [u32]) -> Self {
        Self {
            ticks: ticks.iter_mut(),
        }
    }

    #[inline(always)]
    fn keep(&mut self, elapsed: u64) {
        if let Some(ticks) = self.ticks.next() {
            *ticks = u32::try_from(elapsed).unwrap_or(u32::MAX);
        }
    }
}

/// Passes every call on and takes its time.
pub(crate) struct Clocked<'a, A> {
    inner: A,
    laps: Laps<'a>,
}

impl<'a, A> Clocked<'a, A> {
    pub(crate) fn new(inner: A, laps: Laps<'a>) -> Self {
        Self { inner, laps }
    }

    #[inline(always)]
    fn clock<T>(&mut self, call: impl FnOnce(&mut A) -> T) -> T {
        let start = now();
        let result = call(&mut self.inner);
        self.laps.keep(now().wrapping_sub(start));
        result
    }
}

// SAFETY: the blocks are the inner allocator's, and every call is passed on as it is.
unsafe impl<A: Allocator> Allocator for Clocked<'_, A> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.clock(|inner| inner.allocate(layout))
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        self.clock(|inner| unsafe { inner.deallocate(block, layout) });
    }

    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.clock(|inner| inner.allocate_zeroed(layout))
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        self.clock(|inner| unsafe { inner.grow(block, old, new) })
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        self.clock(|inner| unsafe { inner.shrink(block, old, new) })
    }
}
