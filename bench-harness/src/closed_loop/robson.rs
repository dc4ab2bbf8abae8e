//! Robson's adversary: a program that looks at where its blocks lie, and keeps those that do the
//! most harm.
//!
//! With at most M units live and blocks of up to n units (a power of two), it makes **any** allocator
//! that does not move blocks need M (½ log₂ n + 1) − n + 1 units (J. M. Robson, "An estimate of the
//! store size necessary for dynamic storage allocation", JACM 18, 1971, and "Bounds for some
//! functions concerning dynamic storage allocation", JACM 21, 1974). It works in phases. In phase i
//! it picks a residue modulo 2ⁱ, keeps the blocks that cover an address with that residue, frees
//! all others, and fills its allowance with blocks of 2ⁱ units: none of them fits between two
//! blocks that were kept for the same reason.
//!
//! From above, Robson proved M (1 + ⌈log₂ n⌉) units enough for first fit in address order ("Worst case
//! fragmentation of first fit and best fit storage allocation strategies", The Computer Journal 20,
//! 1977); best fit may need about M n (the same; Knuth, TAOCP 1, section 2.5, exercise 42).
//!
//! Headers are dealt with by asking for less: a block of k units is a request of k units less the
//! header, which is measured first. So every block of the heap is whole units, header included.

use std::alloc::Layout;
use std::time::{Duration, Instant};

use core_api::Allocator;

use super::live::{Block, Live};
use super::{Figure, best_fit};
use crate::bisect::{Smallest, smallest};
use crate::trace::PLAIN_ALIGN;

/// Bytes of a unit: a whole number of every allocator's granules, and no less than its smallest
/// block.
pub(super) const UNIT: usize = 64;

/// What any allocator needs at least, in units, with `live` units live at most and blocks of up to
/// `largest` units.
pub fn robson_bound(live: usize, largest: usize) -> f64 {
    let (live, largest) = (live as f64, largest as f64);
    live * (0.5 * largest.log2() + 1.0) - largest + 1.0
}

/// What first fit in address order needs at most, in units.
pub fn first_fit_bound(live: usize, largest: usize) -> f64 {
    live as f64 * (1.0 + (largest as f64).log2().ceil())
}

/// What the program against it makes best fit need at least, in units, if it merges at once.
pub fn best_fit_bound(live: usize, largest: usize) -> f64 {
    (best_fit::n_pairs(live, largest) * (largest - 2)) as f64
}

/// What any allocator needs at most, in units, that merges all free neighbours before it refuses:
/// when it refuses a block of `largest` units, each hole is smaller than that, and there is one
/// after each live block and one before the first.
pub fn any_fit_bound(live: usize, largest: usize) -> f64 {
    (live + (live + 1) * (largest - 1)) as f64
}

/// Bytes for an allocator's own tables, beside its blocks.
const TABLES: usize = 64 << 10;

/// A power of two, in which buddies, too, lie side by side.
pub(super) fn longest_heap(live: usize, largest: usize) -> usize {
    (TABLES + UNIT * any_fit_bound(live, largest) as usize).next_power_of_two()
}

/// The smallest heap in which the adversary gets all that it asks for.
pub(super) fn needed<A: Allocator>(
    make: &mut dyn FnMut(usize) -> A,
    live: usize,
    log_largest: u32,
    limit: Duration,
) -> Figure {
    let deadline = Instant::now() + limit;
    let most = longest_heap(live, 1 << log_largest);
    let Some(header) = header(&mut || make(most)) else {
        return Figure::Unknown;
    };
    let found = smallest(live * UNIT, most, |len| {
        let satisfied = attack(make(len), live, log_largest, header);
        (Instant::now() < deadline).then_some(satisfied)
    });
    match found {
        Smallest::Found(len) => Figure::Needed {
            units: len as f64 / UNIT as f64,
            header,
        },
        Smallest::None if Instant::now() < deadline => Figure::NeededMore {
            than: most as f64 / UNIT as f64,
        },
        Smallest::AtMost(_) | Smallest::None => Figure::Unknown,
    }
}

/// How many bytes less than a unit may be asked for to get blocks that lie a unit apart.
pub(super) fn header<A: Allocator>(make: &mut dyn FnMut() -> A) -> Option<usize> {
    (0..UNIT / 2).step_by(4).find(|header| {
        let mut live = Live::new(make());
        let all = (0..4).all(|_| live.allocate(layout(1, *header)));
        all && are_units_apart(live.blocks())
    })
}

fn are_units_apart(blocks: &[Block]) -> bool {
    let addresses = blocks.iter().map(|block| block.pointer.addr().get());
    let mut addresses: Vec<usize> = addresses.collect();
    addresses.sort_unstable();
    addresses.windows(2).all(|pair| pair[1] - pair[0] == UNIT)
}

pub(super) fn layout(units: usize, header: usize) -> Layout {
    let size = units * UNIT - header;
    Layout::from_size_align(size, PLAIN_ALIGN as usize).unwrap_or(Layout::new::<u64>())
}

/// Runs the adversary on one heap; `false` if a request was refused.
fn attack<A: Allocator>(allocator: A, live: usize, log_largest: u32, header: usize) -> bool {
    let mut attack = Attack {
        live: Live::new(allocator),
        most_units: live,
        header,
        residue: 0,
    };
    (0..=log_largest).all(|phase| attack.phase(1 << phase))
}

/// The adversary in the middle of its work.
struct Attack<A> {
    live: Live<A>,
    most_units: usize,
    header: usize,
    residue: usize,
}

impl<A: Allocator> Attack<A> {
    /// One phase with blocks of `size` units, a power of two.
    fn phase(&mut self, size: usize) -> bool {
        if size > 1 {
            self.choose_residue(size);
            self.free_others(size);
        }
        let units: usize = self
            .live
            .blocks()
            .iter()
            .map(|block| self.units(block))
            .sum();
        let n_new = (self.most_units - units) / size;
        (0..n_new).all(|_| self.live.allocate(layout(size, self.header)))
    }

    /// Of the two residues modulo `size` that agree with the last phase's, that whose blocks keep
    /// more memory from being used.
    fn choose_residue(&mut self, size: usize) {
        let other = self.residue + size / 2;
        if self.harm(size, other) > self.harm(size, self.residue) {
            self.residue = other;
        }
    }

    /// Units that no block of `size` units can use because of the blocks that would be kept.
    fn harm(&self, size: usize, residue: usize) -> usize {
        let kept = self
            .live
            .blocks()
            .iter()
            .filter(|block| self.covers(block, size, residue));
        kept.map(|block| size - self.units(block).min(size)).sum()
    }

    fn free_others(&mut self, size: usize) {
        for index in (0..self.live.blocks().len()).rev() {
            if !self.covers(&self.live.blocks()[index], size, self.residue) {
                self.live.free(index);
            }
        }
    }

    /// Whether the block holds a unit whose number leaves `residue` when divided by `size`.
    fn covers(&self, block: &Block, size: usize, residue: usize) -> bool {
        let first = block.pointer.addr().get() / UNIT;
        let to_residue = (residue + size - first % size) % size;
        to_residue < self.units(block)
    }

    fn units(&self, block: &Block) -> usize {
        (block.layout.size() + self.header) / UNIT
    }
}
