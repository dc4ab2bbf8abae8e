//! Blocks that are harder to find: whose alignment is larger than a granule, or that no list has.
//!
//! The granules before an aligned payload become a free block of their own, so that no alignment
//! costs more than its block: what is cut off in front is used for other requests.

use core_api::Source;
use core_api::align::padding;

use crate::header::Header;
use crate::heap::Heap;
use crate::lists::{Found, MAX_LAST_PROBES};
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> Heap<S, GRANULE, M> {
    /// A block of `size` granules whose payload is a multiple of `align`, which is larger than a
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

    /// A block of `size` granules whose payload is a multiple of `align`, which may be a granule: from a
    /// list or the top, and if they have none, by all means that there are. O(1) but for what is merged.
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

    /// An aligned block out of a free one: the one that fits the size is tried first, then one that is
    /// large enough wherever it lies, then the top.
    fn cut_any(&mut self, size: Granules, worst: Granules, align: usize) -> Option<Offset> {
        let found = self.find(size, MAX_LAST_PROBES);
        self.cut(found, size, align).or_else(|| {
            let found = self.find(worst, MAX_LAST_PROBES);
            let taken = self.cut(found, size, align);
            taken.or_else(|| self.cut(self.found_top(), size, align))
        })
    }

    /// A size in which an aligned block of `size` granules fits at any address.
    fn worst_size(size: Granules, align: usize) -> Option<Granules> {
        let worst = size as usize + align / GRANULE - 1;
        (worst <= Header::MAX_SIZE as usize).then_some(worst as Granules)
    }

    /// Granules from `block` to the first one aligned.
    fn pad(&self, block: Offset, align: usize) -> usize {
        padding(self.regions.address_of(block), align) / GRANULE
    }

    /// Takes an aligned block out of a free one, if it fits; `found` is in a list, or the top.
    fn cut(&mut self, found: Found, size: Granules, align: usize) -> Option<Offset> {
        let pad = self.pad(found.block, align);
        if pad > (found.size.checked_sub(size)?) as usize {
            return None;
        }
        let pad = pad as Granules;
        // SAFETY: the block has `pad + size` granules. Those of the pad come before a used block,
        // which learns that they are free first.
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
