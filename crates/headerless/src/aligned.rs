//! Blocks whose alignment is larger than a granule.
//!
//! The granules before an aligned block become a free block, which can serve other requests. So an
//! alignment wastes no memory.

use core_api::Source;
use core_api::align::padding;

use crate::heap::HeaderlessHeap;
use crate::lists::Found;
use crate::{GRANULE, Granules, Offset};

impl<S: Source> HeaderlessHeap<S> {
    /// Takes a block of `size` granules at a multiple of `align`, which is larger than a granule. O(1).
    ///
    /// Tries a block that fits the size, then a block that is large enough at any address.
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

    /// Returns the granules from `block` to the next aligned one, if they and `size` more fit in `room`.
    fn pad(&self, block: Offset, room: Granules, size: Granules, align: usize) -> Option<Granules> {
        let pad = padding(self.address_of(block), align) / GRANULE;
        let pad = Granules::try_from(pad).ok()?;
        (pad <= room.checked_sub(size)?).then_some(pad)
    }

    /// Cuts an aligned block out of a free one, if it fits; `found` is in a list.
    fn cut(&mut self, found: Found, size: Granules, align: usize) -> Option<Offset> {
        let pad = self.pad(found.block, found.size, size, align)?;
        let block = found.block + pad;
        // SAFETY: the callers pass a listed block, and `pad` has checked that it has `pad + size` granules.
        // Once removed, its granules are in no block, and used blocks surround them (I4).
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
        // SAFETY: the granules came from the top, so they are in no block; by I4 the block before them is used.
        unsafe { self.give(start, pad) };
        Some(start + pad)
    }
}
