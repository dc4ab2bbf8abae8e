//! What happens to a heap between the operations of a program, as bytes of the input say.

mod coalescing;
mod other_thread;
mod thread_cached;

use std::alloc::Layout;
use std::ops::ControlFlow;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator, Block, Corruption, Inspect, Reclaims};

/// An allocator to which more can happen than what a program says.
pub trait Eventful: Allocator + Inspect {
    /// Happens before an operation. Live blocks keep their content.
    fn happen(&mut self, event: u8);

    /// Allocates, perhaps in another way than usual.
    ///
    /// # Errors
    ///
    /// As [`Allocator::allocate`].
    fn allocate_on(&mut self, _: u8, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.allocate(layout)
    }

    /// Frees a block, perhaps in another way than usual.
    ///
    /// # Safety
    ///
    /// As [`Allocator::deallocate`].
    unsafe fn deallocate_on(&mut self, _: u8, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.deallocate(block, layout) }
    }

    /// Makes all that was freed known to be free. Called before the heap is looked into while no
    /// block is live.
    fn settle(&self) {}
}

/// How many bytes of the input are events; they come round again.
const N_EVENTS: usize = 13;

/// An allocator with the events that happen to it.
pub struct Events<'a, A> {
    inner: A,
    events: &'a [u8],
    n_past: usize,
    n_live: usize,
}

impl<'a, A: Eventful> Events<'a, A> {
    /// No operation was performed yet. Without events, everything is as usual (event 0).
    pub fn new(inner: A, events: &'a [u8]) -> Self {
        Self {
            inner,
            events,
            n_past: 0,
            n_live: 0,
        }
    }

    fn next(&mut self) -> u8 {
        let index = self.n_past.checked_rem(self.events.len());
        self.n_past += 1;
        let event = index.map_or(0, |index| self.events[index]);
        self.inner.happen(event);
        event
    }

    fn after_event(&mut self) -> &mut A {
        self.next();
        &mut self.inner
    }
}

/// The events that an input begins with, and the rest of it.
pub fn split(data: &[u8]) -> (&[u8], &[u8]) {
    data.split_at(data.len().min(N_EVENTS))
}

// SAFETY: every method is the inner allocator's own, or one that it keeps the same promises with.
unsafe impl<A: Eventful> Allocator for Events<'_, A> {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let event = self.next();
        let block = self.inner.allocate_on(event, layout)?;
        self.n_live += 1;
        Ok(block)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        let event = self.next();
        self.n_live -= 1;
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.deallocate_on(event, block, layout) }
    }

    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.after_event().allocate_zeroed(layout)?;
        self.n_live += 1;
        Ok(block)
    }

    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.after_event().resize_in_place(block, old, new_size) }
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.after_event().grow(block, old, new) }
    }

    unsafe fn grow_zeroed(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.after_event().grow_zeroed(block, old, new) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.after_event().shrink(block, old, new) }
    }

    fn reclaims(&self) -> Reclaims {
        self.inner.reclaims()
    }
}

impl<A: Eventful> Inspect for Events<'_, A> {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        if self.n_live == 0 {
            self.inner.settle();
        }
        self.inner.walk(visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        self.inner.check()
    }
}
