//! Wrappers that route every call of the contract another way.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use std::boxed::Box;

use crate::resize::reallocate;
use crate::{AllocError, Allocator, Handle, Locked, Reclaims, SizelessFree};

/// Moves the allocator to another address before every call.
pub(super) struct Moving<A> {
    home: Option<Box<A>>,
}

impl<A> Moving<A> {
    pub(super) fn new(allocator: A) -> Self {
        let home = Some(Box::new(allocator));
        Self { home }
    }

    pub(super) fn home(&self) -> &A {
        self.home
            .as_ref()
            .expect("the allocator is at home between moves")
    }

    fn moved(&mut self) -> &mut A {
        // The new box exists before the old one is freed, so it is at another address.
        self.home = self.home.take().map(|old| Box::new(*old));
        self.home
            .as_mut()
            .expect("the allocator is at home between moves")
    }
}

// SAFETY: every method calls the inner allocator's own; an allocator keeps its blocks when it moves.
unsafe impl<A: Allocator> Allocator for Moving<A> {
    crate::forward_allocator!(self => *self.moved(), *self.home());
}

/// Calls two clones of a handle in turn, and moves each to another address before its call. Now and then it drops
/// the clone whose turn it is, and clones the other one in its place.
pub(super) struct Cloned<A> {
    clones: [Moving<A>; 2],
    n_calls: usize,
}

impl<A: Handle> Cloned<A> {
    /// The calls between two drops: odd, so that both clones are dropped in turn.
    const PERIOD: usize = 5;

    pub(super) fn new(handle: A) -> Self {
        let clones = [Moving::new(handle.clone()), Moving::new(handle)];
        Self { clones, n_calls: 0 }
    }

    pub(super) fn current(&self) -> &A {
        self.clones[self.n_calls % 2].home()
    }

    fn next(&mut self) -> &mut A {
        self.n_calls += 1;
        let [first, second] = &mut self.clones;
        let (next, other) = match self.n_calls % 2 {
            0 => (first, second),
            _ => (second, first),
        };
        if self.n_calls.is_multiple_of(Self::PERIOD) {
            next.home = None;
            *next = Moving::new(other.home().clone());
        }
        next.moved()
    }
}

// SAFETY: every method calls that of a clone, and all clones of a handle are one allocator.
unsafe impl<A: Handle> Allocator for Cloned<A> {
    crate::forward_allocator!(self => *self.next(), *self.current());
}

/// Calls the allocator through `GlobalAlloc`, as the collections of a program with this global allocator do.
pub(super) struct Global<A>(pub(super) Locked<A>);

/// Returns the layout to request: `GlobalAlloc` does not allow size 0.
fn at_least_one(layout: Layout) -> Layout {
    match layout.size() {
        0 => Layout::from_size_align(1, layout.align()).unwrap_or(layout),
        _ => layout,
    }
}

/// Returns the block of a `GlobalAlloc` method, with exactly the requested length.
fn fat(pointer: *mut u8, len: usize) -> Result<NonNull<[u8]>, AllocError> {
    let block = NonNull::new(pointer).ok_or(AllocError)?;
    Ok(NonNull::slice_from_raw_parts(block, len))
}

impl<A: Allocator> Global<A> {
    /// # Safety
    ///
    /// As [`Allocator::grow`] or [`Allocator::shrink`].
    unsafe fn resize(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let (old, new) = (at_least_one(old), at_least_one(new));
        if old.align() != new.align() {
            // SAFETY: passed on.
            return unsafe { reallocate(self, block, old, new) };
        }
        // SAFETY: the block was allocated with `old`: these methods return only the requested length, so no other
        // layout fits.
        fat(
            unsafe { self.0.realloc(block.as_ptr(), old, new.size()) },
            new.size(),
        )
    }
}

// SAFETY: every method calls the inner allocator's own, by way of `GlobalAlloc`.
unsafe impl<A: Allocator> Allocator for Global<A> {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let layout = at_least_one(layout);
        // SAFETY: `at_least_one` returns a size above 0.
        fat(unsafe { self.0.alloc(layout) }, layout.size())
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this layout.
        unsafe { self.0.dealloc(block.as_ptr(), at_least_one(layout)) };
    }

    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let layout = at_least_one(layout);
        // SAFETY: `at_least_one` returns a size above 0.
        fat(unsafe { self.0.alloc_zeroed(layout) }, layout.size())
    }

    // `GlobalAlloc` cannot resize in place, and demands the layout of the last call.
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        match new_size == old.size() {
            true => Ok(NonNull::slice_from_raw_parts(block, new_size)),
            false => Err(AllocError),
        }
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: passed on.
        unsafe { self.resize(block, old, new) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: passed on.
        unsafe { self.resize(block, old, new) }
    }

    fn reclaims(&self) -> Reclaims {
        self.0.inspect(A::reclaims)
    }
}

/// Frees and resizes without a layout, and uses all bytes of `usable_size`.
pub(super) struct Sizeless<A>(pub(super) A);

impl<A: SizelessFree> Sizeless<A> {
    fn whole(&self, block: NonNull<[u8]>) -> NonNull<[u8]> {
        let block = block.cast::<u8>();
        // SAFETY: the inner allocator returned the block just now, so it is live.
        let usable = unsafe { self.0.usable_size(block) };
        NonNull::slice_from_raw_parts(block, usable)
    }

    /// # Safety
    ///
    /// As [`Allocator::grow`] or [`Allocator::shrink`].
    unsafe fn resize(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if !block.addr().get().is_multiple_of(new.align()) {
            // SAFETY: passed on.
            return unsafe { reallocate(self, block, old, new) };
        }
        // SAFETY: the block is live and its address has the new alignment.
        let resized = unsafe { self.0.realloc(block, new) }?;
        Ok(self.whole(resized))
    }
}

// SAFETY: every method calls the inner allocator's own, by way of `SizelessFree`.
unsafe impl<A: SizelessFree> Allocator for Sizeless<A> {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.0.allocate(layout)?;
        Ok(self.whole(block))
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, _: Layout) {
        // SAFETY: the caller promises that the block is live.
        unsafe { self.0.free(block) };
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: passed on.
        unsafe { self.resize(block, old, new) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: passed on.
        unsafe { self.resize(block, old, new) }
    }

    fn reclaims(&self) -> Reclaims {
        self.0.reclaims()
    }
}
