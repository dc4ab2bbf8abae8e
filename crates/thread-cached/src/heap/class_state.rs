//! What a heap's owner keeps of each size class, besides the list: the reserve, the limits of the list, and the slabs.

use core::ptr::null_mut;

use crate::layout::classes;
use crate::primitive::Cell;

/// A magazine has room for this many bytes at first, …
const BYTES: usize = 16 << 10;
/// … and blocks, …
pub(crate) const MOST: usize = 128;
/// … but at least these.
const LEAST: usize = 8;
/// A magazine becomes twice as large when the program takes blocks of a slab after others were put back, up to so
/// many bytes, …
const MOST_BYTES: usize = 512 << 10;
/// … or blocks: the slabs bring order into the blocks of a program that frees many and then takes as many.
const MOST_BLOCKS: usize = 1024;

/// The state of one class. Slabs are named by their first units; 0 is none.
#[derive(Debug)]
pub(crate) struct ClassState {
    pub(crate) reserve: Cell<*mut u8>,
    /// Blocks in the reserve, at most.
    pub(crate) n_reserve: Cell<u16>,
    /// Blocks that the list may have. It has this many, less its room.
    pub(crate) capacity: Cell<u16>,
    /// How often the magazine became larger, as the power of two.
    growth: Cell<u8>,
    /// Whether blocks were put back since it became larger.
    pub(crate) has_overflown: Cell<bool>,
    /// Whether the list was refilled since the last collection.
    pub(crate) was_used: Cell<bool>,
    /// Units that the class has in the sub-page area.
    pub(crate) n_units: Cell<u8>,
    /// The first slab with free blocks.
    pub(crate) listed: Cell<u32>,
    /// The first slab that is all free; each leads to the next.
    pub(crate) spare: Cell<u32>,
    /// How many these are.
    pub(crate) n_spare: Cell<u32>,
    /// The partly carved slab: some of its blocks were not carved yet.
    pub(crate) uncarved: Cell<u32>,
}

impl ClassState {
    pub(super) const fn new() -> Self {
        Self {
            reserve: Cell::new(null_mut()),
            n_reserve: Cell::new(0),
            capacity: Cell::new(0),
            growth: Cell::new(0),
            has_overflown: Cell::new(false),
            was_used: Cell::new(false),
            n_units: Cell::new(0),
            listed: Cell::new(0),
            spare: Cell::new(0),
            n_spare: Cell::new(0),
            uncarved: Cell::new(0),
        }
    }

    /// Blocks that the list may have before it becomes the reserve.
    pub(crate) fn size(&self, class: usize) -> usize {
        let size = classes::size_of(class);
        (BYTES / size).clamp(LEAST, MOST) << self.growth.get()
    }

    /// Doubles the size, up to its limits.
    pub(crate) fn grow(&self, class: usize) {
        let more = 2 * self.size(class);
        if more <= MOST_BLOCKS && more * classes::size_of(class) <= MOST_BYTES {
            self.growth.set(self.growth.get() + 1);
        }
    }

    /// Forgets the list and all growth.
    pub(crate) fn reset(&self) {
        self.capacity.set(0);
        self.growth.set(0);
    }
}
