//! Frees with all checks or none.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{CheckedFree, Misuse, Source};

use crate::HEADER;
use crate::fit::Fit;
use crate::heap::FitHeap;
use crate::order::Order;

// SAFETY: `used_block` and `block_at` read headers at granules of the tiling only, and a used block is all that the
// list needs.
unsafe impl<S: Source, P: Fit, O: Order> CheckedFree for FitHeap<S, P, O> {
    #[inline]
    unsafe fn deallocate_unchecked(&mut self, block: NonNull<u8>, _: Layout) {
        let address = block.addr().get() - HEADER;
        // SAFETY: the caller promises a live block, which has a header (I1), and gives it up.
        unsafe {
            let used = self.tiling.block_at(address).unwrap_unchecked();
            self.release(used)
        }
    }

    /// Also looks for a header behind the block, which an overrun overwrites. O(1).
    fn examine(&self, block: NonNull<u8>, layout: Option<Layout>) -> Result<(), Misuse> {
        let used = self.used_block(block)?;
        let next = used.end();
        let is_followed = next == self.tiling.end() || self.tiling.block_at(next).is_some();
        let fits = layout.is_none_or(|layout| layout.size() <= used.payload());
        match is_followed && fits {
            true => Ok(()),
            false => Err(Misuse::CorruptHeader),
        }
    }
}
