//! The state of the magazines: the reserve of each class, and the limits of its list.

use core::ptr::null_mut;

use crate::layout::classes::{self, CLASS_END};
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

/// The reserve of a class, and the limits of its list.
#[derive(Debug)]
pub(crate) struct Magazine {
    pub(crate) reserve: Cell<*mut u8>,
    /// Blocks in the reserve, at most.
    pub(crate) n_reserve: Cell<u16>,
    /// Blocks that the list may have. It has this many, less its room.
    pub(crate) capacity: Cell<u16>,
    /// How often the magazine became larger, as the power of two.
    growth: Cell<u8>,
    /// Whether blocks were put back since it became larger.
    pub(crate) has_overflown: Cell<bool>,
}

/// The magazines of all classes. Only the owner uses them.
#[derive(Debug)]
pub(crate) struct Magazines([Magazine; CLASS_END]);

impl Magazines {
    pub(crate) const fn new() -> Self {
        Self([const { Magazine::new() }; CLASS_END])
    }

    pub(crate) fn of(&self, class: usize) -> &Magazine {
        &self.0[class]
    }
}

impl Magazine {
    const fn new() -> Self {
        Self {
            reserve: Cell::new(null_mut()),
            n_reserve: Cell::new(0),
            capacity: Cell::new(0),
            growth: Cell::new(0),
            has_overflown: Cell::new(false),
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
