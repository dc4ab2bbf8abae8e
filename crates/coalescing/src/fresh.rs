//! Fresh memory: not written since the source handed it out as zeros.

use core::ptr::NonNull;

use core_api::Source;

use crate::heap::CoalescingHeap;
use crate::merging::Merging;

/// The start of the fresh memory at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// Start of the region that the top lay in.
    region: usize,
    /// Address from which that region was fresh.
    address: usize,
}

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Returns the present start of the fresh memory.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            region: self.regions.last().start(),
            address: self.regions.address_of(self.fresh.max(self.top)),
        }
    }

    /// Returns how many bytes at the start of `block`, allocated after `mark`, may be nonzero.
    pub(crate) fn dirty_len(&self, block: NonNull<[u8]>, mark: Mark) -> usize {
        let start = block.addr().get();
        let last = self.regions.last();
        if !S::ZEROED || !last.contains(start) {
            return block.len();
        }
        if last.start() != mark.region {
            // The heap added a region because the block fitted nowhere else. The block is the first of that
            // region, so all of it is fresh.
            return 0;
        }
        mark.address.saturating_sub(start).min(block.len())
    }
}
