//! The slower ways to find a block: for alignments larger than a granule, and when no list has a block.
//!
//! The granules before an aligned payload become a free block, which can serve other requests. So an
//! alignment wastes no memory.

use core_api::Source;
use core_api::align::padding;

use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::lists::{Found, MAX_LAST_PROBES};
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Takes a block of `size` granules whose payload lies at a multiple of `align`, which is larger than a
    /// granule. O(1).
    #[inline(never)]
    pub(crate) fn take_aligned(&mut self, size: Granules, align: usize) -> Option<Offset> {
        self.end_run();
        let next = self.deferred(size);
        if next.is_some_and(|block| self.pad(block, align) == 0) {
            return self.take_deferred(size);
        }
        self.take_any(size, align)
    }

    /// Takes a block of `size` granules whose payload lies at a multiple of `align`, which may be a granule.
    /// Tries the lists and the top; then merges the deferred blocks and tries again; then grows the heap. O(1)
    /// but for the merging.
    #[cold]
    #[inline(never)]
    pub(crate) fn take_any(&mut self, size: Granules, align: usize) -> Option<Offset> {
        if self.is_tight() {
            self.merge_some();
        }
        let worst = Self::worst_size(size, align)?;
        let taken = self.cut_any(size, worst, align);
        if taken.is_some() {
            return taken;
        }
        if self.merge_deferred() {
            let taken = self.cut_any(size, worst, align);
            if taken.is_some() {
                return taken;
            }
        }
        self.grow(worst);
        self.cut(self.found_top(), size, align)
    }

    /// Cuts an aligned block out of a free one. Tries a block that fits the size, then a block that is large
    /// enough at any address, then the top.
    fn cut_any(&mut self, size: Granules, worst: Granules, align: usize) -> Option<Offset> {
        let found = self.find(size, MAX_LAST_PROBES);
        self.cut(found, size, align).or_else(|| {
            let found = self.find(worst, MAX_LAST_PROBES);
            let taken = self.cut(found, size, align);
            taken.or_else(|| self.cut(self.found_top(), size, align))
        })
    }

    /// Returns the size of a free block that holds an aligned block of `size` granules at any address.
    fn worst_size(size: Granules, align: usize) -> Option<Granules> {
        let worst = size as usize + align / GRANULE - 1;
        (worst <= Header::MAX_SIZE as usize).then_some(worst as Granules)
    }

    /// Returns the number of granules from `block` to the next aligned one.
    fn pad(&self, block: Offset, align: usize) -> usize {
        padding(self.regions.address_of(block), align) / GRANULE
    }

    /// Cuts an aligned block out of `found`, a listed block or the top, if it fits.
    fn cut(&mut self, found: Found, size: Granules, align: usize) -> Option<Offset> {
        let pad = self.pad(found.block, align);
        if pad > (found.size.checked_sub(size)?) as usize {
            return None;
        }
        let pad = pad as Granules;
        // SAFETY: `found` is free and has `pad + size` granules. `give` needs a used block with a clear
        // previous-used bit behind the pad; `set_header` has written such a header before.
        unsafe {
            let start = self.take_free(found, pad + size);
            let block = start + pad;
            if pad != 0 {
                self.regions
                    .set_header(block, Header::used(size).after_free());
                self.give(start, pad);
            }
            Some(block)
        }
    }
}
