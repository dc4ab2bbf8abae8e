//! Which classes use the sub-page area of a heap.

use crate::layout::classes::CLASS_END;
use crate::primitive::Cell;

/// A class with this many units takes whole pages from then on.
const MOST_UNITS: u8 = 3;

/// Which classes use the sub-page area. Only the owner uses it.
#[derive(Debug)]
pub(crate) struct SubpageUse {
    /// Units of each class.
    taken: [Cell<u8>; CLASS_END],
    /// Whether a slab found no room since a slab was last given up.
    is_full: Cell<bool>,
}

impl SubpageUse {
    pub(crate) const fn new() -> Self {
        Self {
            taken: [const { Cell::new(0) }; CLASS_END],
            is_full: Cell::new(false),
        }
    }

    /// Whether a slab of this class may lie in the area, if the area has room.
    pub(crate) fn admits(&self, class: usize) -> bool {
        !self.is_full.get() && self.taken[class].get() < MOST_UNITS
    }

    /// Counts the `n` units of a new slab; `None` if it found no room.
    pub(crate) fn took(&self, class: usize, n: Option<usize>) {
        let taken = &self.taken[class];
        self.is_full.set(n.is_none());
        taken.set(taken.get() + n.unwrap_or(0) as u8);
    }

    /// Subtracts the `n` units of a slab that was given up.
    pub(crate) fn give_back(&self, class: usize, n: usize) {
        let taken = &self.taken[class];
        taken.set(taken.get() - n as u8);
        self.is_full.set(false);
    }
}
