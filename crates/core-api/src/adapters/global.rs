//! `GlobalAlloc` for [`Locked`]: the whole program runs on a stage.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{NonNull, null_mut};

use super::{Locked, RawLock};
use crate::{AllocError, Allocator};

/// The pointer of a block, or null for an error.
#[inline]
fn thin(result: Result<NonNull<[u8]>, AllocError>) -> *mut u8 {
    match result {
        Ok(block) => block.as_ptr().cast(),
        Err(AllocError) => null_mut(),
    }
}

// SAFETY: `Allocator` promises what `GlobalAlloc` asks: blocks that fit their layout, disjoint and
// stable, and no unwinding. `Locked` lets one thread in at a time.
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
        // SAFETY: the caller gives back a live block with its layout.
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
                // SAFETY: a live block with its layout; the size does not fall.
                unsafe { inner.grow(block, old, new) }
            } else {
                // SAFETY: a live block with its layout; the size falls.
                unsafe { inner.shrink(block, old, new) }
            }
        }))
    }
}
