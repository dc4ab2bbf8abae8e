//! Allocators made to be a program's global one: anything that implements [`GlobalAlloc`].

use std::alloc::{GlobalAlloc, Layout};
use std::ops::ControlFlow;
use std::ptr::NonNull;

use core_api::{Block, Corruption, Inspect};

use super::foreign::nonempty;
use super::{Foreign, Peer};

/// A global allocator: one heap for the whole process, which this value only stands for.
#[derive(Debug)]
pub struct Global<G: 'static>(&'static G);

/// The peer that `allocator` is.
pub fn global<G: GlobalAlloc>(allocator: &'static G) -> Peer<Global<G>> {
    Peer(Global(allocator))
}

// SAFETY: every call is passed on as it is.
unsafe impl<G: GlobalAlloc> GlobalAlloc for Peer<Global<G>> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.0.alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.0.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.0.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        unsafe { self.0.0.realloc(block, layout, new_size) }
    }
}

// SAFETY: `GlobalAlloc` promises what `Allocator` asks. It takes no empty requests, so it gets none.
unsafe impl<G: GlobalAlloc> Foreign for Global<G> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not 0.
        NonNull::new(unsafe { self.0.alloc(nonempty(layout)) })
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated or resized with this layout.
        unsafe { self.0.dealloc(block.as_ptr(), nonempty(layout)) }
    }

    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the size is not 0.
        NonNull::new(unsafe { self.0.alloc_zeroed(nonempty(layout)) })
    }

    #[inline]
    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        let (old, len) = (nonempty(old), new.size().max(1));
        // SAFETY: the block has layout `old`; the new size is not 0 and makes a layout.
        NonNull::new(unsafe { self.0.realloc(block.as_ptr(), old, len) })
    }
}

impl<G: Inspect> Inspect for Peer<Global<G>> {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.0.0.walk(visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        self.0.0.check()
    }
}
