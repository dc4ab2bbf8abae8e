//! A slab's record, kept apart from the slab: its free blocks, and how many were carved.
//!
//! ```text
//!             take: all free blocks become the heap's list
//!        ┌───────────────────────────────────────────────────┐
//!        ▼          `wake` blocks are free                   │
//!       OUT ────────────────────────────────────► LISTED ────┤
//!                                                  │ all are │
//!                                                  ▼         │
//!                               pages given back ◄─┴─► SPARE ┘
//! ```

use crate::pages::page_map::Record;
use crate::primitive::Cell;

/// Where a slab's free blocks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The program and the magazines have nearly all blocks. The few that came back wait for more.
    Out,
    /// The slab is on the list of its class's slabs that have free blocks.
    Listed,
    /// All are free, and the slab is kept for the next request.
    Spare,
}

/// One slab, the owner's alone. It lies where the page map has the record of a span that begins with the same
/// page; those of slabs that share a page lie beside the header.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct SlabRecord {
    /// The neighbours on the list of slabs, by their first units; 0 at the ends.
    pub(crate) next: Cell<u32>,
    pub(crate) prev: Cell<u32>,
    /// The first waiting block, as an offset of the region in units of 8 bytes; 0 if there is none.
    free: Cell<u32>,
    /// Number of waiting blocks.
    pub(crate) n_free: Cell<u16>,
    /// Blocks that were carved so far, and in the last two bits the standing.
    carved: Cell<u16>,
}

const _: () = assert!(size_of::<SlabRecord>() == size_of::<Record>());

impl SlabRecord {
    /// Begins the record of a new slab without carved blocks.
    pub(crate) fn begin(&self) {
        self.free.set(0);
        self.n_free.set(0);
        self.carved.set(0);
    }

    /// The offset of the first free block, 0 if there is none.
    pub(crate) fn free(&self) -> usize {
        self.free.get() as usize * 8
    }

    /// Sets the offset of the first free block.
    pub(crate) fn set_free(&self, offset: usize) {
        self.free.set((offset / 8) as u32);
    }

    pub(crate) fn n_carved(&self) -> u16 {
        self.carved.get() >> 2
    }

    /// Counts `n` more carved blocks.
    pub(crate) fn carve(&self, n: usize) {
        self.carved.set(self.carved.get() + ((n as u16) << 2));
    }

    pub(crate) fn standing(&self) -> Standing {
        match self.carved.get() & 3 {
            0 => Standing::Out,
            1 => Standing::Listed,
            _ => Standing::Spare,
        }
    }

    pub(crate) fn set_standing(&self, standing: Standing) {
        self.carved.set(self.carved.get() & !3 | standing as u16);
    }

    /// Whether all carved blocks wait here.
    pub(crate) fn is_all_free(&self) -> bool {
        self.n_free.get() == self.n_carved()
    }
}
