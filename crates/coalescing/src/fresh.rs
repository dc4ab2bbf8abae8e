//! Memory that nobody wrote to since the source handed it out as zero.

use core::ptr::NonNull;

use core_api::Source;

use crate::heap::Heap;
use crate::merging::Merging;

/// Where the untouched memory began at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// Start of the region that the top is in.
    region: usize,
    /// Address from which on that region was untouched.
    address: usize,
}

impl<S: Source, const GRANULE: usize, M: Merging> Heap<S, GRANULE, M> {
    /// Where the untouched memory begins now.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            region: self.regions.last().start(),
            address: self.regions.address_of(self.fresh.max(self.top)),
        }
    }

    /// How many bytes of `block`, which was allocated after `mark`, may not be zero.
    pub(crate) fn dirty_len(&self, block: NonNull<[u8]>, mark: Mark) -> usize {
        let start = block.addr().get();
        let last = self.regions.last();
        if !S::ZEROED || !last.contains(start) {
            return block.len();
        }
        if last.start() != mark.region {
            // A region is added for a block that fits nowhere else: the block is its first.
            return 0;
        }
        mark.address.saturating_sub(start).min(block.len())
    }
}
