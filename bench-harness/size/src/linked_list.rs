//! linked_list_allocator.

use core::alloc::Layout;
use core::ptr::NonNull;

pub(crate) struct Heap(linked_list_allocator::Heap);

impl crate::Allocator for Heap {
    const NEW: Self = Self(linked_list_allocator::Heap::empty());

    unsafe fn init(&mut self, base: NonNull<u8>, len: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.0.init(base.as_ptr(), len) }
    }

    unsafe fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.0.allocate_first_fit(layout).ok()
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(block, layout) }
    }
}
