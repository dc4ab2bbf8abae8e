//! The layout of the region: list heads, edge bits, blocks.

use coalescing::bins::{Bin, bin_of};
use core_api::align::checked_round_up;
use core_api::{Region, Source};

use crate::heap::{HeaderlessHeap, MIN_SIZE};
use crate::memory::Memory;
use crate::{GRANULE, Granules, Offset};

/// The offsets where the parts of a region begin, and where the last part ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The number of list heads, which begin at offset 0.
    pub(crate) n_bins: Bin,
    /// The edge bits.
    pub(crate) bits: Offset,
    /// The blocks.
    pub(crate) first: Offset,
    pub(crate) end: Offset,
}

impl Plan {
    /// Returns the plan for a region; `None` if the region is too short for one block.
    pub(crate) fn new(region: Region) -> Option<Self> {
        let start = checked_round_up(region.start(), GRANULE)?;
        let len = region.end().checked_sub(start)? / GRANULE;
        let end = Granules::try_from(len).unwrap_or(Granules::MAX);
        let n_bins = bin_of(end) + 1;
        // One more granule: the links of the last head end in the granule behind that head.
        let bits = n_bins + 1;
        let first = bits + Memory::granules_of_bits(end);
        let has_room = first.checked_add(MIN_SIZE)? <= end;
        has_room.then_some(Self {
            n_bins,
            bits,
            first,
            end,
        })
    }
}

impl<S: Source> HeaderlessHeap<S> {
    /// Makes `region` the heap's region, if it is long enough; returns whether it is. O(region).
    pub(crate) fn lay_out(&mut self, region: Region) -> bool {
        let Some(plan) = Plan::new(region) else {
            return false;
        };
        self.region = region;
        self.memory = Memory::new(region, plan.bits);
        self.first = plan.first;
        self.top = plan.first;
        self.end = plan.end;
        // SAFETY: the plan has room for the bits and the heads before the first block, and there is no block yet.
        unsafe {
            self.memory.clear_edges(plan.end);
            self.clear_lists(plan.n_bins);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::NonNull;

    use super::Plan;
    use core_api::Region;

    #[test]
    fn every_granule_has_its_bit_and_the_heads_their_place() {
        // Fewer sizes under Miri, which is slow. From 100 granules on there is a plan for each.
        let sizes: usize = if cfg!(miri) { 500 } else { 20_000 };
        for n_granules in 1..sizes {
            let mut word = 0_u64;
            // SAFETY: the plan only computes offsets; nothing reads or writes the region.
            let region = unsafe { Region::new(NonNull::from(&mut word).cast(), n_granules * 8) };
            let Some(plan) = Plan::new(region) else {
                assert!(n_granules < 100, "{n_granules} granules");
                continue;
            };
            assert_eq!(plan.end as usize, n_granules);
            assert!(plan.n_bins * 8 + 4 <= plan.bits * 8);
            assert!((plan.first - plan.bits) * 128 >= plan.end);
            assert!((plan.first - plan.bits - 1) * 128 < plan.end);
            assert!(plan.first + 2 <= plan.end);
        }
    }
}
