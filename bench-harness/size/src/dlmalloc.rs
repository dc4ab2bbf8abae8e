//! dlmalloc, whose operating system is one region.

use core::alloc::Layout;
use core::cell::Cell;
use core::ptr::{NonNull, null_mut};

/// Hands the region out once.
struct Once(Cell<(*mut u8, usize)>);

// SAFETY: the program has one thread.
unsafe impl Send for Once {}

// SAFETY: the region is handed out once and nothing is taken back.
unsafe impl dlmalloc::Allocator for Once {
    fn alloc(&self, _: usize) -> (*mut u8, usize, u32) {
        let (base, len) = self.0.replace((null_mut(), 0));
        (base, len, 0)
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        false
    }

    fn page_size(&self) -> usize {
        4096
    }
}

pub(crate) struct Heap(Option<dlmalloc::Dlmalloc<Once>>);

impl crate::Allocator for Heap {
    const NEW: Self = Self(None);

    unsafe fn init(&mut self, base: NonNull<u8>, len: usize) {
        let once = Once(Cell::new((base.as_ptr(), len)));
        self.0 = Some(dlmalloc::Dlmalloc::new_with_allocator(once));
    }

    unsafe fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        NonNull::new(unsafe { self.0.as_mut()?.malloc(layout.size(), layout.align()) })
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        if let Some(heap) = &mut self.0 {
            // SAFETY: the caller's promise.
            unsafe { heap.free(block.as_ptr(), layout.size(), layout.align()) }
        }
    }

    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        let (size, align) = (old.size(), old.align());
        // SAFETY: the caller's promise.
        NonNull::new(unsafe {
            self.0
                .as_mut()?
                .realloc(block.as_ptr(), size, align, new.size())
        })
    }
}
