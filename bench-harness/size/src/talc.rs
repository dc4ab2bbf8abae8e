//! talc.

use core::alloc::Layout;
use core::ptr::NonNull;

use talc::DefaultBinning;
use talc::base::Talc;
use talc::source::Manual;

pub(crate) struct Heap(Talc<Manual, DefaultBinning>);

impl crate::Allocator for Heap {
    const NEW: Self = Self(Talc::new(Manual));

    unsafe fn init(&mut self, base: NonNull<u8>, len: usize) {
        // SAFETY: the caller's promise.
        let _ = unsafe { self.0.claim(base.as_ptr(), len) };
    }

    unsafe fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        unsafe { self.0.try_allocate(layout) }
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(block.as_ptr(), layout) }
    }

    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise; the two blocks are live, hence disjoint.
        unsafe {
            if self.0.try_realloc_in_place(block.as_ptr(), old, new.size()) {
                return Some(block);
            }
            let moved = self.allocate(new)?;
            moved.copy_from_nonoverlapping(block, old.size().min(new.size()));
            self.deallocate(block, old);
            Some(moved)
        }
    }
}

/// talc depends on the crate `alloc`, which a program cannot have without a global allocator. Nobody
/// calls it.
struct Unused;

#[global_allocator]
static UNUSED: Unused = Unused;

// SAFETY: there is never a block.
unsafe impl core::alloc::GlobalAlloc for Unused {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
