//! The counters that tell when a heap collects, and which classes.

use crate::primitive::Cell;

/// When a heap collects, and which classes.
#[derive(Debug)]
pub(crate) struct Collection {
    /// Time of the last collection.
    pub(crate) last: Cell<u32>,
    /// A bit for each class that took blocks since.
    pub(crate) used: Cell<u64>,
    /// Pages that the heap grew by since a growing heap last collected.
    pub(crate) grown: Cell<u32>,
    /// Bytes of slabs.
    pub(crate) slabs: Cell<usize>,
}

impl Collection {
    pub(crate) const fn new() -> Self {
        Self {
            last: Cell::new(0),
            used: Cell::new(0),
            grown: Cell::new(0),
            slabs: Cell::new(0),
        }
    }

    /// Counts the bytes of a new slab.
    pub(crate) fn began(&self, bytes: usize) {
        self.slabs.set(self.slabs.get() + bytes);
    }

    /// Subtracts the bytes of a slab that was given up.
    pub(crate) fn gave_up(&self, bytes: usize) {
        self.slabs.set(self.slabs.get() - bytes);
    }

    /// Notes that the list of this class was refilled.
    pub(crate) fn used(&self, class: usize) {
        self.used.set(self.used.get() | 1 << class);
    }
}
