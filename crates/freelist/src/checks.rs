//! Frees with all checks or none.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{CheckedFree, Misuse, Source};

use crate::FreeList;
use crate::header::HEADER;

// SAFETY: `find` reads headers at granules of the region only, and a used block is all that a push needs.
unsafe impl<S: Source> CheckedFree for FreeList<S> {
    #[inline]
    unsafe fn deallocate_unchecked(&mut self, payload: NonNull<u8>, _: Layout) {
        let block = payload.addr().get() - HEADER;
        // SAFETY: the caller promises a live block, which has a header (I2) and is not on the list (I4).
        unsafe {
            let header = self.header(block).unwrap_unchecked();
            self.push(block, header);
        }
    }

    /// Also looks for a header behind the block, which an overrun overwrites. O(1).
    fn examine(&self, payload: NonNull<u8>, layout: Option<Layout>) -> Result<(), Misuse> {
        let (block, header) = self.find(payload)?;
        let next = block + header.size();
        // SAFETY: by `find` the block ends at `top` or before it, at a multiple of 8.
        let is_followed = next == self.top() || unsafe { self.header(next) }.is_some();
        let fits = layout.is_none_or(|layout| layout.size() <= header.payload());
        match is_followed && fits {
            true => Ok(()),
            false => Err(Misuse::CorruptHeader),
        }
    }
}
