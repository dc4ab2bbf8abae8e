//! Blocks whose alignment is larger than a granule.
//!
//! The granules before an aligned block become a free block of their own, so that no alignment costs
//! more than its block: what is cut off in front is used for other requests.

use core_api::Source;
use core_api::align::padding;

use crate::heap::Heap;
use crate::lists::Found;
use crate::{GRANULE, Granules, Offset};

impl<S: Source> Heap<S> {
    /// A block of `size` granules at a multiple of `align`, which is larger than a granule. O(1).
    ///
    /// The block that fits the size is tried first, then one that is large enough wherever it lies.
    #[inline(never)]
    pub(crate) fn take_aligned(&mut self, size: Granules, align: usize) -> Option<Offset> {
        let slack = Granules::try_from(align / GRANULE - 1).ok()?;
        let worst = size.checked_add(slack)?;
        for size_tried in [size, worst] {
            let found = self.find(size_tried);
            if let Some(taken) = found.and_then(|found| self.cut(found, size, align)) {
                return Some(taken);
            }
        }
        if let Some(taken) = self.cut_top(size, align) {
            return Some(taken);
        }
        self.take_aligned_last(size, align, worst)
    }

    #[cold]
    fn take_aligned_last(
        &mut self,
        size: Granules,
        align: usize,
        worst: Granules,
    ) -> Option<Offset> {
        for size_tried in [size, worst] {
            let found = self.find_last(size_tried);
            if let Some(taken) = found.and_then(|found| self.cut(found, size, align)) {
                return Some(taken);
            }
        }
        self.acquire().then(|| self.cut_top(size, align)).flatten()
    }

    /// Granules from `block` to the first one aligned, if that and `size` more are within `room`.
    fn pad(&self, block: Offset, room: Granules, size: Granules, align: usize) -> Option<Granules> {
        let pad = padding(self.address_of(block), align) / GRANULE;
        let pad = Granules::try_from(pad).ok()?;
        (pad <= room.checked_sub(size)?).then_some(pad)
    }

    /// Takes an aligned block out of a free one, if it fits; `found` is in a list.
    fn cut(&mut self, found: Found, size: Granules, align: usize) -> Option<Offset> {
        let pad = self.pad(found.block, found.size, size, align)?;
        let block = found.block + pad;
        // SAFETY: the block is in a list (the caller says) and has `pad + size` granules.
        unsafe {
            self.remove(found);
            self.give(found.block, pad);
            self.give(block + size, found.size - pad - size);
        }
        Some(block)
    }

    /// Takes an aligned block from the top, if it fits.
    fn cut_top(&mut self, size: Granules, align: usize) -> Option<Offset> {
        let pad = self.pad(self.top, self.top_size(), size, align)?;
        let start = self.take_top(pad + size)?;
        // SAFETY: the granules were the top's, and the block before them is used (I4).
        unsafe { self.give(start, pad) };
        Some(start + pad)
    }
}
