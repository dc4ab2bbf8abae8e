//! rlsf: two-level segregated fit (Masmano, Ripoll, Crespo, Real, 2004).

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator, Region, reallocate};

use super::sized;

/// 28 first-level classes reach blocks of 8 GiB; 32 second-level classes each.
type Tlsf = rlsf::Tlsf<'static, u32, u32, 28, 32>;

/// TLSF over one region.
#[derive(Debug)]
pub struct Rlsf(Tlsf);

impl Rlsf {
    /// A heap in `region`; one that is too small refuses every request.
    pub fn new(region: Region) -> Self {
        let mut inner = Tlsf::new();
        let pool = NonNull::slice_from_raw_parts(region.base(), region.len());
        // SAFETY: a region is the exclusive right to its bytes.
        let _ = unsafe { inner.insert_free_block_ptr(pool) };
        Self(inner)
    }
}

// SAFETY: rlsf promises what `Allocator` asks; free blocks never point to the value itself.
unsafe impl Allocator for Rlsf {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        sized(self.0.allocate(layout), layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this alignment.
        unsafe { self.0.deallocate(block, layout.align()) }
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if old.align() == new.align() {
            // SAFETY: the block is live and its alignment stays.
            return sized(unsafe { self.0.reallocate(block, new) }, new);
        }
        // SAFETY: the caller's promise is passed on.
        unsafe { reallocate(self, block, old, new) }
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: rlsf's `reallocate` does not mind the direction.
        unsafe { self.grow(block, old, new) }
    }
}
