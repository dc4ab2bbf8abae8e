//! Robson's program against best fit: holes a little too small, as many as there may be live units.
//!
//! Best fit may need about M n units for M live ones and blocks of up to n (J. M. Robson, "Worst
//! case fragmentation of first fit and best fit storage allocation strategies", The Computer Journal
//! 20, 1977; Knuth, TAOCP 1, section 2.5, exercise 42). First fit in address order never needs more
//! than M (1 + ⌈log₂ n⌉). Write Rk for a reserved and Fk for a free block of k units. The program builds
//!
//! ```text
//! R(n-2)  F(n-3) R1  F(n-3) R1  F(n-3) R1  …
//! ```
//!
//! where each pair costs one live unit and n - 2 units of memory. One pair more begins at the end
//! with F(n) R(n-5) R1, which then changes places with each pair before it:
//!
//! ```text
//! F(n-3) R1 F(n) R(n-5) R1          then n - 2 and 2 are allocated in F(n),
//! F(n-3) R1 R(n-2) R2 R(n-5) R1     R1 and R(n-2) are freed, which leaves F(2n-4),
//! R(n) R(n-5) R1 R2 R(n-5) R1       and R(n), R2 and the old R(n-5) are freed:
//! F(n) R(n-5) R1 F(n-3) R1
//! ```
//!
//! until it stands at the front and its R(n-5) is freed. At each step the block asked for fits one hole
//! best. The program looks at no address; an allocator that places blocks elsewhere is not harmed.

use core_api::Allocator;

use super::Figure;
use super::live::{Block, Live};
use super::robson::{UNIT, header, layout, longest_heap};

/// Units of live blocks beside the pairs, in multiples of the largest block.
const WORK: usize = 4;

/// How many pairs the program makes, with `live` units live at most.
pub(super) const fn n_pairs(live: usize, largest: usize) -> usize {
    live.saturating_sub(WORK * largest)
}

/// The address space that the program makes an allocator use that has room for any.
///
/// Not the smallest heap, as for Robson's other adversary: the program is written for an allocator
/// whose largest hole is what it never used, and goes astray in a heap that is nearly full.
pub(super) fn spread<A: Allocator>(
    make: &mut dyn FnMut(usize) -> A,
    live: usize,
    largest: usize,
) -> Figure {
    let most = longest_heap(live, largest);
    let Some(header) = header(&mut || make(most)) else {
        return Figure::Unknown;
    };
    let mut attack = Attack {
        live: Live::new(make(most)),
        largest,
        header,
        pins: Vec::new(),
    };
    match attack.run(n_pairs(live, largest)) {
        Some(()) => Figure::Spread {
            units: attack.live.spread().div_ceil(UNIT) as f64,
            header,
        },
        None => Figure::NeededMore {
            than: most as f64 / UNIT as f64,
        },
    }
}

/// The program in the middle of its work.
struct Attack<A> {
    live: Live<A>,
    largest: usize,
    header: usize,
    /// The R1 of each pair, in the order of their addresses.
    pins: Vec<Block>,
}

/// What stands behind F(n): R(n-5) and R1.
struct Carrier {
    body: Block,
    pin: Block,
}

impl<A: Allocator> Attack<A> {
    fn run(&mut self, n_pairs: usize) -> Option<()> {
        let mut front = self.reserve(self.largest - 2)?;
        while self.pins.len() < n_pairs {
            front = self.add_pair(front)?;
        }
        Some(())
    }

    /// One pair more, for another block at the front.
    fn add_pair(&mut self, front: Block) -> Option<Block> {
        let next = self.reserve(self.largest - 2)?;
        let guard = self.reserve(self.largest - 2)?;
        let (last, is_first) = match self.pins.pop() {
            Some(pin) => (pin, false),
            None => (front, true),
        };
        let mut carrier = self.carry([last, next])?;
        self.live.free_block(guard);
        let mut passed = Vec::new();
        while let Some(pin) = self.pins.pop() {
            passed.push(carrier.pin);
            carrier = self.change_places(pin, carrier.body)?;
        }
        if !is_first {
            passed.push(carrier.pin);
            carrier = self.change_places(front, carrier.body)?;
        }
        passed.push(carrier.pin);
        self.live.free_block(carrier.body);
        self.pins = passed.into_iter().rev().collect();
        self.reserve(self.largest - 2)
    }

    /// Frees two blocks, which makes F(2n-4), and puts F(n) R(n-5) R1 there.
    fn carry(&mut self, freed: [Block; 2]) -> Option<Carrier> {
        for block in freed {
            self.live.free_block(block);
        }
        let hole = self.reserve(self.largest)?;
        let body = self.reserve(self.largest - 5)?;
        let pin = self.reserve(1)?;
        self.live.free_block(hole);
        Some(Carrier { body, pin })
    }

    /// Moves F(n) R(n-5) R1 before the pair of `pin`; `body` is its R(n-5).
    fn change_places(&mut self, pin: Block, body: Block) -> Option<Carrier> {
        let most = self.reserve(self.largest - 2)?;
        let rest = self.reserve(2)?;
        let carrier = self.carry([pin, most])?;
        self.live.free_block(rest);
        self.live.free_block(body);
        Some(carrier)
    }

    fn reserve(&mut self, units: usize) -> Option<Block> {
        let is_done = self.live.allocate(layout(units, self.header));
        is_done
            .then(|| self.live.blocks().last().copied())
            .flatten()
    }
}
