//! From where to where blocks have lain.

use core_api::Region;

use super::Seen;
use crate::script::Step;

/// The addresses that blocks have taken up so far, in a heap whose bounds are known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    region: Region,
    low: usize,
    high: usize,
}

impl Extent {
    /// No blocks yet, in a heap in `region`.
    pub(crate) fn new(region: Region) -> Self {
        Self {
            region,
            low: usize::MAX,
            high: 0,
        }
    }

    /// Takes the block of a step in.
    pub(crate) fn add(&mut self, seen: Seen<'_>) {
        if let (Step::Allocate { layout, .. } | Step::Resize { new: layout, .. }, Some(block)) =
            (seen.step, seen.block)
        {
            let start = block.addr().get();
            self.low = self.low.min(start);
            self.high = self.high.max(start + layout.size());
        }
    }

    /// The address from which offsets count: the heap's start, or the lowest block's if the
    /// allocator took its memory elsewhere.
    pub(crate) fn start(&self) -> usize {
        if self.is_in_region() {
            self.region.start()
        } else {
            self.low
        }
    }

    /// One past the highest block's last byte.
    pub(crate) fn end(&self) -> usize {
        self.high
    }

    fn is_in_region(&self) -> bool {
        self.region.start() <= self.low && self.high <= self.region.end()
    }
}
