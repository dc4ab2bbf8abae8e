//! `GlobalAlloc` for [`Locked`], so that a whole program can run on a stage.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{NonNull, null_mut};

use super::{Locked, RawLock};
use crate::{AllocError, Allocator};

/// Returns the pointer of a block, or null for an error.
#[inline]
fn thin(result: Result<NonNull<[u8]>, AllocError>) -> *mut u8 {
    match result {
        Ok(block) => block.as_ptr().cast(),
        Err(AllocError) => null_mut(),
    }
}

// SAFETY: `Allocator` promises what `GlobalAlloc` demands: blocks fit their layout, are disjoint and do not
// move, and no method unwinds. `Locked` lets in one thread at a time.
unsafe impl<A: Allocator, R: RawLock> GlobalAlloc for Locked<A, R> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        thin(self.with(|inner| inner.allocate(layout)))
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        thin(self.with(|inner| inner.allocate_zeroed(layout)))
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let Some(block) = NonNull::new(block) else {
            return;
        };
        // SAFETY: the caller promises a live block with its layout, and does not use the block again.
        self.with(|inner| unsafe { inner.deallocate(block, layout) });
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, old: Layout, new_size: usize) -> *mut u8 {
        let Some(block) = NonNull::new(block) else {
            return null_mut();
        };
        let Ok(new) = Layout::from_size_align(new_size, old.align()) else {
            return null_mut();
        };
        thin(self.with(|inner| {
            if new_size >= old.size() {
                // SAFETY: the caller promises a live block with its layout; the new size is not smaller.
                unsafe { inner.grow(block, old, new) }
            } else {
                // SAFETY: the caller promises a live block with its layout; the new size is smaller.
                unsafe { inner.shrink(block, old, new) }
            }
        }))
    }
}
