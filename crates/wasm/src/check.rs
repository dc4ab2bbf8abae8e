//! Checks a heap against the invariants in the crate's documentation.

use core_api::align::is_aligned;
use core_api::{Corruption, Inspect};

use crate::GRANULE;
use crate::classes::Classes;
use crate::heap::Heap;
use crate::linear::Linear;

const I1: &str = "I1: free blocks lie between start and end, in whole granules";
const I2: &str = "I2: no two free blocks overlap, nor does one overlap the open range";
const I3: &str = "I3: the list of an exact class holds blocks of its length";
const I4: &str =
    "I4: the list of another class holds blocks from its length on, below the next class's";

type Check = Result<(), Corruption>;

/// Returns the corruption at `address` unless `holds`.
fn ensure(holds: bool, invariant: &'static str, address: usize) -> Check {
    holds
        .then_some(())
        .ok_or(Corruption::new(invariant, address))
}

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    pub(crate) fn check_invariants(&self) -> Check {
        self.check_range(self.open.start, self.open.end)?;
        let mut n_listed = usize::from(!self.open.is_empty());
        for class in 0..LISTS {
            n_listed += self.check_list(class)?;
        }
        let mut n_walked = 0;
        let mut end = self.start;
        for free in self.free_ranges() {
            ensure(free.end <= self.end, I1, free.start)?;
            n_walked += 1;
            end = free.end;
        }
        // The walk skips a block that begins within another.
        ensure(n_walked == n_listed, I2, end)
    }

    /// Checks I1 for one range.
    fn check_range(&self, start: usize, end: usize) -> Check {
        let is_whole = is_aligned(start, GRANULE) && is_aligned(end, GRANULE);
        let is_inside = start == end || (self.start <= start && start < end && end <= self.end);
        ensure(is_whole && is_inside, I1, start)
    }

    /// Checks I1, I3 and I4 for one list; returns its length.
    fn check_list(&self, class: usize) -> Result<usize, Corruption> {
        let most = (self.end - self.start) / GRANULE;
        let (mut n, mut block) = (0, self.heads[class]);
        while block != 0 {
            ensure(n < most, I2, block)?;
            self.check_range(block, block + GRANULE)?;
            // SAFETY: the block lies in the heap by the check above, and blocks in lists are free.
            let len = unsafe { self.len(block, class) };
            if class >= Classes::<LISTS>::N_EXACT {
                let whole = GRANULE <= len && len <= self.end - block && is_aligned(len, GRANULE);
                let fits = whole && Classes::<LISTS>::below(len).min(LISTS - 1) == class;
                ensure(fits, I4, block)?;
            }
            ensure(len <= self.end - block, I3, block)?;
            n += 1;
            // SAFETY: as above.
            block = unsafe { self.next(block) };
        }
        Ok(n)
    }
}

impl<S: Linear, const LISTS: usize> Inspect for Heap<S, LISTS> {
    fn walk(
        &self,
        visit: &mut dyn FnMut(core_api::Block) -> core::ops::ControlFlow<()>,
    ) -> core::ops::ControlFlow<()> {
        self.walk_blocks(visit)
    }

    fn check(&self) -> Check {
        self.check_invariants()
    }
}
