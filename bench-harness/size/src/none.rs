//! No allocator at all.

use core::alloc::Layout;
use core::ptr::NonNull;

pub(crate) struct Heap;

impl crate::Allocator for Heap {
    const NEW: Self = Self;

    unsafe fn init(&mut self, _: NonNull<u8>, _: usize) {}

    unsafe fn allocate(&mut self, _: Layout) -> Option<NonNull<u8>> {
        None
    }

    unsafe fn deallocate(&mut self, _: NonNull<u8>, _: Layout) {}
}
