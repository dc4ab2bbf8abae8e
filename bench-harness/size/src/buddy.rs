//! buddy_system_allocator.

use core::alloc::Layout;
use core::ptr::NonNull;

pub(crate) struct Heap(buddy_system_allocator::Heap<33>);

impl crate::Allocator for Heap {
    const NEW: Self = Self(buddy_system_allocator::Heap::empty());

    unsafe fn init(&mut self, base: NonNull<u8>, len: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.0.init(base.addr().get(), len) }
    }

    unsafe fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.0.alloc(layout).ok()
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.dealloc(block, layout) }
    }
}
