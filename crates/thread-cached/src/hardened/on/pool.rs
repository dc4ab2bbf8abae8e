//! The pool: the free blocks of each class that wait, and those that are ready. Both are outside of the blocks.
//!
//! ```text
//!   free ──► waiting, in random order ──► ready ──► allocate
//!                                         │   ▲
//!                                  too many   too few: lists and slabs
//! ```

use core::ptr::NonNull;

use super::random::Random;
use crate::layout::classes::{self, CLASS_END};
use crate::primitive::Cell;

/// Blocks of a class that wait, at most, …
const MOST_WAITING: usize = 64;

/// … but no more bytes than these.
const MOST_BYTES: usize = 32 << 10;

/// Blocks of a class that are ready, at most.
const MOST_READY: usize = 32;

/// The pools of all classes. Only the owner uses them.
#[derive(Debug)]
pub(crate) struct Pools([Pool; CLASS_END]);

/// The blocks of a class, by their offsets in units of 8 bytes.
#[derive(Debug)]
pub(crate) struct Pool {
    n_ready: Cell<u32>,
    n_waiting: Cell<u32>,
    ready: [Cell<u32>; MOST_READY],
    waiting: [Cell<u32>; MOST_WAITING],
}

impl Pools {
    pub(crate) const fn new() -> Self {
        Self([const { Pool::new() }; CLASS_END])
    }

    #[inline]
    pub(crate) fn of(&self, class: usize) -> &Pool {
        &self.0[class]
    }
}

impl Pool {
    const fn new() -> Self {
        Self {
            n_ready: Cell::new(0),
            n_waiting: Cell::new(0),
            ready: [const { Cell::new(0) }; MOST_READY],
            waiting: [const { Cell::new(0) }; MOST_WAITING],
        }
    }

    /// Takes the offset of a block that is ready.
    #[inline]
    pub(crate) fn take(&self) -> Option<usize> {
        let n = self.n_ready.get().checked_sub(1)?;
        let cell = self.ready.get(n as usize)?;
        self.n_ready.set(n);
        Some(cell.get() as usize * 8)
    }

    /// Makes a block ready; `false` if there is no room.
    #[inline]
    pub(crate) fn add_ready(&self, offset: usize) -> bool {
        let n = self.n_ready.get();
        let Some(cell) = self.ready.get(n as usize) else {
            return false;
        };
        cell.set((offset / 8) as u32);
        self.n_ready.set(n + 1);
        true
    }

    /// Whether more blocks can be made ready.
    pub(crate) fn has_room(&self) -> bool {
        (self.n_ready.get() as usize) < MOST_READY
    }

    /// Whether at least half of the blocks that can be ready are.
    pub(crate) fn is_half_full(&self) -> bool {
        self.n_ready.get() as usize > MOST_READY / 2
    }

    /// Lets a freed block wait. Returns the block, chosen at random, that has waited long enough.
    #[inline]
    pub(crate) fn wait(&self, class: usize, offset: usize, random: &Random) -> Option<usize> {
        let most = (MOST_BYTES / classes::size_of(class)).clamp(2, MOST_WAITING) as u32;
        let n = self.n_waiting.get();
        let fresh = (offset / 8) as u32;
        if n < most {
            self.n_waiting.set(n + 1);
            self.waiting[n as usize].set(fresh);
            return None;
        }
        let place = &self.waiting[random.below(most) as usize];
        Some(place.replace(fresh) as usize * 8)
    }

    /// Takes a block that waits.
    pub(crate) fn release(&self) -> Option<usize> {
        let n = self.n_waiting.get().checked_sub(1)?;
        self.n_waiting.set(n);
        Some(self.waiting[n as usize].get() as usize * 8)
    }

    /// Brings the ready blocks into random order.
    pub(crate) fn shuffle(&self, random: &Random) {
        for last in (1..self.n_ready.get()).rev() {
            let other = random.below(last + 1);
            self.ready[last as usize].swap(&self.ready[other as usize]);
        }
    }
}

/// Whether the first `size` bytes of a block are zero.
#[inline]
pub(crate) fn is_zero(block: NonNull<u8>, size: usize) -> bool {
    let (words, rest) = (size / 8, size % 8);
    // SAFETY: the block has that many bytes at a multiple of 8, and a correct program does not write to it.
    unsafe {
        let word = |index| block.cast::<u64>().add(index).read();
        let byte = |index| block.add(words * 8 + index).read();
        (0..words).fold(0, |sum, index| sum | word(index)) == 0
            && (0..rest).fold(0, |sum, index| sum | byte(index)) == 0
    }
}
