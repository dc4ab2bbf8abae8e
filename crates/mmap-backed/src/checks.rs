//! Frees with all checks or none.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{CheckedFree, Misuse, SizelessFree, fatal};

use crate::MmapHeap;

// SAFETY: stage 4 reads its own region only, and mappings are looked up in the table (I5).
unsafe impl<const GRANULE: usize> CheckedFree for MmapHeap<GRANULE> {
    #[inline]
    unsafe fn deallocate_unchecked(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on; the size is read before the block is freed.
        unsafe {
            if self.is_in_heap(block) {
                let len = self.inner.usable_size(block);
                self.inner.deallocate_unchecked(block, layout);
                self.freed(len);
            } else if let Err(misuse) = self.unmap(block, 0) {
                fatal(misuse);
            }
        }
    }

    /// O(1).
    fn examine(&self, block: NonNull<u8>, layout: Option<Layout>) -> Result<(), Misuse> {
        if self.is_in_heap(block) {
            return self.inner.examine(block, layout);
        }
        let mapping = self.direct.get(block.addr().get());
        let mapping = mapping.ok_or(Misuse::ForeignPointer)?;
        match layout.is_none_or(|layout| layout.size() <= mapping.len()) {
            true => Ok(()),
            false => Err(Misuse::CorruptHeader),
        }
    }
}
