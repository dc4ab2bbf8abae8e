//! An allocator that writes down how it was called.

use core::alloc::Layout;
use core::ptr::NonNull;
use std::cell::RefCell;

use core_api::{AllocError, Allocator, Reclaims};

thread_local! {
    static CALLS: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// The calls that reached the inner allocator since this was last asked.
pub(crate) fn calls() -> Vec<&'static str> {
    CALLS.with_borrow_mut(core::mem::take)
}

/// Writes down which of its methods are called; they all do the least that they may.
pub(crate) struct Recording;

impl Recording {
    fn note(&self, method: &'static str) {
        CALLS.with_borrow_mut(|calls| calls.push(method));
    }
}

/// The one block of `Recording`; its bytes are never touched.
pub(crate) fn the_block() -> NonNull<[u8]> {
    NonNull::slice_from_raw_parts(NonNull::<u64>::dangling().cast(), 8)
}

// SAFETY: the tests below never touch the block, and there is only one.
unsafe impl Allocator for Recording {
    fn allocate(&mut self, _: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.note("allocate");
        Ok(the_block())
    }
    unsafe fn deallocate(&mut self, _: NonNull<u8>, _: Layout) {
        self.note("deallocate");
    }
    fn allocate_zeroed(&mut self, _: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.note("allocate_zeroed");
        Ok(the_block())
    }
    unsafe fn resize_in_place(
        &mut self,
        _: NonNull<u8>,
        _: Layout,
        _: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.note("resize_in_place");
        Ok(the_block())
    }
    unsafe fn grow(
        &mut self,
        _: NonNull<u8>,
        _: Layout,
        _: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.note("grow");
        Ok(the_block())
    }
    unsafe fn grow_zeroed(
        &mut self,
        _: NonNull<u8>,
        _: Layout,
        _: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.note("grow_zeroed");
        Ok(the_block())
    }
    unsafe fn shrink(
        &mut self,
        _: NonNull<u8>,
        _: Layout,
        _: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.note("shrink");
        Ok(the_block())
    }
    fn reclaims(&self) -> Reclaims {
        self.note("reclaims");
        Reclaims::LastBlock
    }
}
