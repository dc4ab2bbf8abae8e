//! rlsf, with as many classes as in the bench.

use core::alloc::Layout;
use core::ptr::NonNull;

pub(crate) struct Heap(rlsf::Tlsf<'static, u32, u32, 28, 32>);

impl crate::Allocator for Heap {
    const NEW: Self = Self(rlsf::Tlsf::new());

    unsafe fn init(&mut self, base: NonNull<u8>, len: usize) {
        let pool = NonNull::slice_from_raw_parts(base, len);
        // SAFETY: the caller's promise.
        let _ = unsafe { self.0.insert_free_block_ptr(pool) };
    }

    unsafe fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(block, layout.align()) }
    }

    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        _: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        unsafe { self.0.reallocate(block, new) }
    }
}
