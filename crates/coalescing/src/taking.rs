//! Allocating: take a block from a list or from the top, and split it.

use core_api::Source;

use crate::bins::{EXACT, bin_of};
use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::lists::{Found, MAX_PROBES};
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Takes a block of exactly `size` granules from a list or from the top.
    #[inline(never)]
    pub(crate) fn take_listed(&mut self, size: Granules) -> Option<Offset> {
        if size >= EXACT {
            return self.take_wide(size);
        }
        let found = self.first_from(bin_of(size));
        self.take_if_found(found, size)
    }

    /// As [`take_listed`](Self::take_listed), for a request whose bin has blocks of several sizes.
    #[inline(never)]
    fn take_wide(&mut self, size: Granules) -> Option<Offset> {
        let found = self.find(size, MAX_PROBES);
        self.take_if_found(found, size)
    }

    #[inline]
    fn take_if_found(&mut self, found: Found, size: Granules) -> Option<Offset> {
        if found.size < size {
            return self.take_unlisted(size);
        }
        // SAFETY: `found` came from a list (I5), and it is large enough.
        Some(unsafe { self.take_found(found, size) })
    }

    /// As [`take_listed`](Self::take_listed), for a request that no listed block fits.
    #[inline]
    fn take_unlisted(&mut self, size: Granules) -> Option<Offset> {
        if !self.is_tight() && size <= self.top_size() {
            // SAFETY: the condition says that the top is large enough.
            return Some(unsafe { self.take_top(size) });
        }
        self.take_any(size, GRANULE)
    }

    /// Takes the first `size` granules of a listed block; the rest stays free.
    ///
    /// # Safety
    ///
    /// `found` is in a list and has at least `size` granules.
    #[inline]
    pub(crate) unsafe fn take_found(&mut self, found: Found, size: Granules) -> Offset {
        // SAFETY: the block is in a list by the caller's promise. Once unlinked it belongs to no list, and its
        // rest lies between the new used block and the next block, whose previous-used bit is clear (I2).
        unsafe {
            self.unlink(found.block);
            self.regions.set_header(found.block, Header::used(size));
            self.give_rest(found.block + size, found.size - size);
        }
        found.block
    }

    /// As [`take_found`](Self::take_found), for a free block that may also be a pad or the top.
    ///
    /// # Safety
    ///
    /// `found` is a free block of at least `size` granules.
    pub(crate) unsafe fn take_free(&mut self, found: Found, size: Granules) -> Offset {
        // SAFETY: by the caller's promise the block is free and large enough; it is in a list if it has room
        // for links (I5).
        unsafe {
            if found.block == self.top {
                return self.take_top(size);
            }
            if Self::is_listed(found.size) {
                return self.take_found(found, size);
            }
            self.give_rest(found.block + size, found.size - size);
        }
        found.block
    }

    /// Returns the top, as a found block.
    pub(crate) fn found_top(&self) -> Found {
        Found {
            block: self.top,
            size: self.top_size(),
        }
    }

    /// Takes the first `size` granules of the top.
    ///
    /// # Safety
    ///
    /// The top has at least `size` granules.
    #[inline]
    pub(crate) unsafe fn take_top(&mut self, size: Granules) -> Offset {
        let block = self.top;
        self.top = block + size;
        // SAFETY: by I8 the top reaches to the end of the region, where a header still fits.
        unsafe {
            self.regions.set_header(self.top, Header::TOP);
            self.regions.set_header(block, Header::used(size));
        }
        block
    }
}
