//! The pool: the free blocks of each class that wait, and those that are ready. Both are outside of the blocks.
//!
//! ```text
//!   free ──► waiting, in random order ──► ready ──► allocate
//!                                         │   ▲
//!                                  too many   too few: lists and slabs
//! ```

use super::random::Random;
use crate::layout::classes::{self, CLASS_END};
use crate::primitive::Cell;

/// Blocks of a class that wait, at most, …
const MOST_WAITING: usize = 64;

/// … but no more bytes than these.
const MOST_BYTES: usize = 32 << 10;

/// Blocks of a class that are ready, at most.
pub(crate) const MOST_READY: usize = 32;

/// Blocks of a batch whose order is random: few, since blocks that a program uses together should lie close.
const NEIGHBOURS: usize = 4;

/// All orders of so many neighbours.
static ORDERS: [[u8; NEIGHBOURS]; 24] = {
    let (mut orders, mut n, mut code) = ([[0; NEIGHBOURS]; 24], 0, 0_u8);
    while n < orders.len() {
        let order = [code >> 6, code >> 4 & 3, code >> 2 & 3, code & 3];
        if 1 << order[0] | 1 << order[1] | 1 << order[2] | 1 << order[3] == 0b1111 {
            orders[n] = order;
            n += 1;
        }
        code = code.wrapping_add(1);
    }
    orders
};

/// Blocks of each class that wait, at most.
static MOST: [u32; CLASS_END] = {
    let (mut table, mut class) = ([2; CLASS_END], 1);
    while class < CLASS_END {
        let most = MOST_BYTES / classes::size_of(class);
        if most > MOST_WAITING {
            table[class] = MOST_WAITING as u32;
        } else if most > 2 {
            table[class] = most as u32;
        }
        class += 1;
    }
    table
};

/// The pools of all classes. Only the owner uses them.
#[derive(Debug)]
pub(crate) struct Pools([Pool; CLASS_END]);

/// The blocks of a class, by their offsets in units of 8 bytes.
#[derive(Debug)]
pub(crate) struct Pool {
    n_ready: Cell<u32>,
    ready: [Cell<u32>; MOST_READY],
    /// 0 where none waits.
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
            ready: [const { Cell::new(0) }; MOST_READY],
            waiting: [const { Cell::new(0) }; MOST_WAITING],
        }
    }

    /// The offset of a block that is ready, and the number of the others.
    #[inline(always)]
    pub(crate) fn first(&self) -> Option<(u32, usize)> {
        let n = self.n_ready.get().wrapping_sub(1);
        let cell = self.ready.get(n as usize)?;
        Some((n, cell.get() as usize * 8))
    }

    /// Takes a block that is ready, so that so many are left.
    #[inline(always)]
    pub(crate) fn keep(&self, n_left: u32) {
        self.n_ready.set(n_left);
    }

    /// Takes the offset of a block that is ready.
    #[inline]
    pub(crate) fn take(&self) -> Option<usize> {
        let (n_left, offset) = self.first()?;
        self.keep(n_left);
        Some(offset)
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

    /// Whether no block is ready.
    pub(crate) fn is_empty(&self) -> bool {
        self.n_ready.get() == 0
    }

    /// Whether at least half of the blocks that can be ready are.
    pub(crate) fn is_half_full(&self) -> bool {
        self.n_ready.get() as usize > MOST_READY / 2
    }

    /// Lets a freed block wait. Returns the block, chosen at random, that has waited long enough.
    #[inline]
    pub(crate) fn wait(&self, class: usize, offset: usize, random: &Random) -> Option<usize> {
        let place = random.below(MOST[class]) as usize % MOST_WAITING;
        let other = self.waiting[place].replace((offset / 8) as u32);
        (other != 0).then_some(other as usize * 8)
    }

    /// Takes all blocks that are ready or wait.
    pub(crate) fn empty(&self, release: impl Fn(usize)) {
        while let Some(offset) = self.take() {
            release(offset);
        }
        for place in &self.waiting {
            let offset = place.replace(0) as usize * 8;
            if offset != 0 {
                release(offset);
            }
        }
    }

    /// Makes blocks ready where none was, at most [`MOST_READY`], by offsets in units of 8 bytes. They are taken in this
    /// order, but neighbours in random order.
    pub(crate) fn add_all(&self, offsets: &[u32], random: &Random) {
        debug_assert!(self.is_empty());
        let ready = &self.ready[..offsets.len()];
        for (place, &offset) in ready.iter().rev().zip(offsets) {
            place.set(offset);
        }
        let (groups, others) = ready.as_chunks::<NEIGHBOURS>();
        for group in groups {
            let order = ORDERS[random.below(ORDERS.len() as u32) as usize];
            let blocks = [0, 1, 2, 3].map(|place: usize| group[place].get());
            for (place, from) in group.iter().zip(order) {
                place.set(blocks[usize::from(from) % NEIGHBOURS]);
            }
        }
        shuffle(others, random);
        self.n_ready.set(ready.len() as u32);
    }
}

fn shuffle(blocks: &[Cell<u32>], random: &Random) {
    for last in (1..blocks.len()).rev() {
        let other = random.below(last as u32 + 1);
        blocks[last].swap(&blocks[other as usize]);
    }
}
