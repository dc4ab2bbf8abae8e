//! rlsf: two-level segregated fit (Masmano, Ripoll, Crespo, Real, 2004).

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::Region;

use super::{Foreign, Peer};

/// 28 first-level classes reach blocks of 8 GiB; 32 second-level classes each.
pub type Tlsf = rlsf::Tlsf<'static, u32, u32, 28, 32>;

/// TLSF over `region`; one that is too small refuses every request.
pub fn rlsf(region: Region) -> Peer<Tlsf> {
    let mut heap = Tlsf::new();
    let pool = NonNull::slice_from_raw_parts(region.base(), region.len());
    // SAFETY: a region is the exclusive right to its bytes.
    let _ = unsafe { heap.insert_free_block_ptr(pool) };
    Peer(heap)
}

// SAFETY: rlsf promises what `Allocator` asks; free blocks never point to the value itself. Its own
// methods go before those of this trait.
unsafe impl Foreign for Tlsf {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Option<NonNull<u8>> {
        Self::allocate(self, layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block was allocated with this alignment.
        unsafe { Self::deallocate(self, block, layout.align()) }
    }

    #[inline]
    unsafe fn reallocate(
        &mut self,
        block: NonNull<u8>,
        _old: Layout,
        new: Layout,
    ) -> Option<NonNull<u8>> {
        // SAFETY: the block is live and its alignment stays.
        unsafe { Self::reallocate(self, block, new) }
    }
}
