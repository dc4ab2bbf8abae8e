//! The slabs of each class, by their first units: which have free blocks, which are spare, which is partly carved.

use crate::layout::classes::CLASS_END;
use crate::primitive::Cell;

/// The slabs of one class, by their first units; 0 is none.
#[derive(Debug)]
pub(crate) struct ClassSlabs {
    /// The first slab with free blocks.
    pub(crate) listed: Cell<u32>,
    /// The first slab that is all free; each leads to the next.
    pub(crate) spare: Cell<u32>,
    /// How many these are.
    pub(crate) n_spare: Cell<u32>,
    /// The partly carved slab: some of its blocks were not carved yet.
    pub(crate) uncarved: Cell<u32>,
}

impl ClassSlabs {
    const fn new() -> Self {
        Self {
            listed: Cell::new(0),
            spare: Cell::new(0),
            n_spare: Cell::new(0),
            uncarved: Cell::new(0),
        }
    }
}

/// The slabs of all classes. Only the owner uses them.
#[derive(Debug)]
pub(crate) struct Slabs([ClassSlabs; CLASS_END]);

impl Slabs {
    pub(crate) const fn new() -> Self {
        Self([const { ClassSlabs::new() }; CLASS_END])
    }

    pub(crate) fn of(&self, class: usize) -> &ClassSlabs {
        &self.0[class]
    }
}
