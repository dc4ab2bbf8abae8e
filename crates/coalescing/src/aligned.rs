//! Blocks whose alignment is larger than a granule.
//!
//! The granules before an aligned payload become a free block of their own, so that no alignment
//! costs more than its block: what is cut off in front is used for other requests.

use core_api::Source;
use core_api::align::padding;

use crate::header::Header;
use crate::heap::Heap;
use crate::lists::Found;
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
        let worst = Self::worst_size(size, align)?;
        if let Some(taken) = self.cut_any(size, align, worst) {
            return Some(taken);
        }
        if self.is_tight()
            && self.merge_some()
            && let Some(taken) = self.cut_any(size, align, worst)
        {
            return Some(taken);
        }
        if let Some(taken) = self.cut_top(size, align) {
            return Some(taken);
        }
        self.take_aligned_slow(size, align, worst)
    }

    #[cold]
    fn take_aligned_slow(
        &mut self,
        size: Granules,
        align: usize,
        worst: Granules,
    ) -> Option<Offset> {
        if self.merge_deferred() {
            let taken = self.cut_any(size, align, worst);
            if let Some(taken) = taken.or_else(|| self.cut_top(size, align)) {
                return Some(taken);
            }
        }
        for size_tried in [size, worst] {
            let found = self.find_last(size_tried);
            if let Some(taken) = found.and_then(|found| self.cut(found, size, align)) {
                return Some(taken);
            }
        }
        self.grow(worst);
        self.cut_top(size, align)
    }

    /// An aligned block out of one that is in a list: the one that fits the size is tried first,
    /// then one that is large enough wherever it lies.
    #[inline]
    fn cut_any(&mut self, size: Granules, align: usize, worst: Granules) -> Option<Offset> {
        let first_try = self.find(size);
        if let Some(taken) = first_try.and_then(|found| self.cut(found, size, align)) {
            return Some(taken);
        }
        let second_try = self.find(worst);
        second_try.and_then(|found| self.cut(found, size, align))
    }

    /// A size in which an aligned block of `size` granules fits at any address.
    fn worst_size(size: Granules, align: usize) -> Option<Granules> {
        let slack = Granules::try_from(align / GRANULE - 1).ok()?;
        let worst = size.checked_add(slack)?;
        (worst <= Header::MAX_SIZE).then_some(worst)
    }

    /// Granules from `block` to the first one aligned.
    fn pad(&self, block: Offset, align: usize) -> usize {
        padding(self.regions.address_of(block), align) / GRANULE
    }

    /// Takes an aligned block out of a free one, if it fits; `found` is in a list.
    #[inline]
    fn cut(&mut self, found: Found, size: Granules, align: usize) -> Option<Offset> {
        let pad = self.pad(found.block, align);
        if pad > (found.size.checked_sub(size)?) as usize {
            return None;
        }
        let pad = pad as Granules;
        let block = found.block + pad;
        // SAFETY: the block is in a list (the caller says) and has `pad + size` granules.
        unsafe {
            self.unlink(found.block);
            self.regions.set_header(block, Header::used(size));
            self.give_rest(block + size, found.size - pad - size);
            self.give_pad(found.block, pad);
        }
        Some(block)
    }

    /// Takes an aligned block from the top, if it fits.
    fn cut_top(&mut self, size: Granules, align: usize) -> Option<Offset> {
        let pad = self.pad(self.top, align);
        if pad > (self.top_size().checked_sub(size)?) as usize {
            return None;
        }
        let pad = pad as Granules;
        // SAFETY: the top has `pad + size` granules.
        unsafe {
            let start = self.take_top(pad + size);
            let block = start + pad;
            self.regions.set_header(block, Header::used(size));
            self.give_pad(start, pad);
            Some(block)
        }
    }

    /// Makes the `pad` granules from `start`, before a used block, a free block; 0 is none.
    ///
    /// # Safety
    ///
    /// The granules belong to no block and follow a used one.
    #[inline]
    unsafe fn give_pad(&mut self, start: Offset, pad: Granules) {
        if pad == 0 {
            return;
        }
        let block = start + pad;
        // SAFETY: the caller's promise; the used block after the pad learns of it first.
        unsafe {
            let header = self.regions.header(block);
            self.regions.set_header(block, header.after_free());
            self.give(start, pad);
        }
    }
}
