//! The state of each block: two bytes for every 32 bytes of the heap. It lies outside of the blocks.
//!
//! ```text
//!   bits    0, 1    2 to 4    5      6       7 to 15
//!           place   door      live   freed   slack: bytes of the slot behind the block
//! ```
//!
//! A slack that needs more bits is in the next three granules, in the same bits: no block starts there.

use core::ptr::NonNull;

use core_api::{Misuse, fatal};

use super::canary;
use super::door::{self, Door};
use crate::layout::units::PAGE;
use crate::primitive::{AtomicU16, Ordering};

/// Bytes that have one state: no two blocks start in them.
const GRANULE: usize = 32;

/// The smallest slot: a block of the hardened mode lies in a slot that is at least one byte longer.
pub(crate) const LEAST_SLOT: usize = GRANULE;

/// Bytes of a state.
const STATE: usize = size_of::<AtomicU16>();

/// Bytes of states for a page.
pub(crate) const STATES_OF_PAGE: usize = PAGE / GRANULE * STATE;

const PLACE: u16 = 3;
const DOOR: u32 = 2;
const DOORS: u16 = 7 << DOOR;
const LIVE: u16 = 1 << 5;
const FREED: u16 = 1 << 6;
const SLACK: u32 = 7;

/// The slack of a state that does not hold it.
const LONG: usize = 0x1ff;

/// Whether a state does not hold this slack.
#[inline]
pub(crate) const fn is_long(slack: usize) -> bool {
    slack >= LONG
}

/// The largest slack that a state can tell.
const MOST_SLACK: usize = (1 << (3 * (u16::BITS - SLACK))) - 1;

/// Whether a state can tell this slack.
#[inline]
pub(crate) const fn can_tell(slack: usize) -> bool {
    slack <= MOST_SLACK
}

/// Set in the door of a freed block that was cleared.
const CLEARED: u16 = 1 << DOOR;

/// A state as it was at one time.
#[derive(Clone, Copy)]
pub(crate) struct Seen(u16);

impl Seen {
    /// Whether it does not hold the block's slack.
    #[inline]
    pub(crate) const fn has_long_slack(self) -> bool {
        is_long((self.0 >> SLACK) as usize)
    }
}

/// The bits of a block that was freed.
#[inline]
const fn freed_bits(is_cleared: bool) -> u16 {
    FREED | if is_cleared { CLEARED } else { 0 }
}

impl Door {
    #[inline]
    const fn bits(self) -> u16 {
        (self as u16) << DOOR
    }
}

/// The state at one address.
///
/// It says that a block starts at exactly this address, and whether it is live or was freed. If it is 0, or that of
/// another address in the granule, no block starts here. The owner reads and writes it. Another thread that frees the
/// block exchanges it: if two threads free a block at once, one of them notices.
#[derive(Clone, Copy)]
pub(crate) struct State {
    cell: NonNull<AtomicU16>,
    /// Where in its granule the address is.
    place: u16,
}

impl State {
    /// The state at an offset of a region whose states begin at `states`.
    ///
    /// # Safety
    ///
    /// They do, with one for each granule, and the region has the offset and stays mapped.
    #[inline]
    pub(crate) unsafe fn at(states: NonNull<u8>, offset: usize) -> Self {
        Self {
            // SAFETY: by the caller's promise the state is there.
            cell: unsafe { states.add(offset / GRANULE * STATE).cast() },
            place: (offset % GRANULE / 8) as u16,
        }
    }

    #[inline]
    fn cell(&self) -> &AtomicU16 {
        // SAFETY: by the promise in `at` the state is there, and all threads use it as an atomic.
        unsafe { self.cell.as_ref() }
    }

    /// The states of the next three granules, where a long slack is, each with the place of its bits.
    #[inline]
    fn next(&self) -> [(&AtomicU16, u32); 3] {
        let bits = u16::BITS - SLACK;
        // SAFETY: only a slot of many granules has a long slack, and the region has states for all of them.
        [1, 2, 3].map(|n| unsafe { (self.cell.add(n).as_ref(), (n as u32 - 1) * bits) })
    }

    #[cold]
    #[inline(never)]
    fn long_slack(&self) -> usize {
        let part = |(cell, shift): (&AtomicU16, u32)| {
            usize::from(cell.load(Ordering::Relaxed) >> SLACK) << shift
        };
        self.next().into_iter().map(part).sum()
    }

    #[inline]
    fn load(&self) -> u16 {
        self.cell().load(Ordering::Relaxed)
    }

    /// What the state is now.
    #[inline]
    pub(crate) fn see(&self) -> Seen {
        Seen(self.load())
    }

    #[inline(always)]
    fn slack(&self, state: u16) -> usize {
        match usize::from(state >> SLACK) {
            LONG => self.long_slack(),
            slack => slack,
        }
    }

    /// A block that started here was freed, and none was handed out here since.
    #[inline]
    pub(crate) fn is_freed(&self) -> bool {
        self.load() & (FREED | PLACE) == FREED | self.place
    }

    /// A block starts here, live or freed.
    #[inline]
    pub(crate) fn is_block(&self) -> bool {
        let state = self.load();
        state & PLACE == self.place && state & (LIVE | FREED) != 0
    }

    #[inline]
    fn is_live(&self) -> bool {
        self.load() & (LIVE | PLACE) == LIVE | self.place
    }

    /// Whether the block that was freed here was cleared; `None` if none was freed.
    #[inline]
    pub(crate) fn freed(&self) -> Option<bool> {
        let state = self.load();
        (state & (FREED | PLACE) == FREED | self.place).then_some(state & CLEARED != 0)
    }

    /// A block of `size` bytes in a slot of `slot` is live from now on.
    #[inline(always)]
    pub(crate) fn hand_out(&self, size: usize, slot: usize, door: Door) {
        self.store(size, slot, LIVE | door.bits());
    }

    /// Does the same for a slot whose slack is not long.
    #[inline(always)]
    pub(crate) fn hand_out_short(&self, size: usize, slot: usize, door: Door) {
        debug_assert!(!is_long(slot - size));
        let state = self.place | LIVE | door.bits() | ((slot - size) as u16) << SLACK;
        self.cell().store(state, Ordering::Relaxed);
    }

    /// The block is free, and waits, cleared or not.
    #[inline(always)]
    pub(crate) fn wait(&self, is_cleared: bool) {
        let state = self.place | freed_bits(is_cleared);
        self.cell().store(state, Ordering::Relaxed);
    }

    /// The live block that was seen here was freed, and waits, cleared or not.
    #[inline(always)]
    pub(crate) fn wait_after(&self, Seen(state): Seen, is_cleared: bool) {
        let state = state & PLACE | freed_bits(is_cleared);
        self.cell().store(state, Ordering::Relaxed);
    }

    #[inline(always)]
    fn store(&self, size: usize, slot: usize, bits: u16) {
        let mut slack = slot - size;
        if is_long(slack) {
            self.store_long_slack(slack);
            slack = LONG;
        }
        let state = self.place | bits | (slack as u16) << SLACK;
        self.cell().store(state, Ordering::Relaxed);
    }

    #[cold]
    #[inline(never)]
    fn store_long_slack(&self, slack: usize) {
        for (cell, shift) in self.next() {
            cell.store(((slack >> shift) << SLACK) as u16, Ordering::Relaxed);
        }
    }

    /// The owner frees the block, whose state it has seen; the block's size. Ends the process if it is not live, or not
    /// of this door.
    #[inline(always)]
    pub(crate) fn take_back(&self, seen: Seen, slot: usize, door: Option<Door>) -> usize {
        self.check(seen.0, door);
        slot - self.slack(seen.0)
    }

    /// Another thread frees the block, which is then cleared if that is said; its size.
    pub(crate) fn take_back_remote(
        &self,
        slot: usize,
        door: Option<Door>,
        is_cleared: bool,
    ) -> usize {
        let state = self.load();
        self.check(state, door);
        let freed = self.place | freed_bits(is_cleared);
        if self.cell().swap(freed, Ordering::AcqRel) & FREED != 0 {
            fatal(Misuse::DoubleFree);
        }
        slot - self.slack(state)
    }

    #[inline(always)]
    fn check(&self, state: u16, door: Option<Door>) {
        if !self.is_right(Seen(state), door) {
            self.refuse();
        }
    }

    /// Whether the state that was seen is that of a live block here, of the door if one is known.
    #[inline(always)]
    pub(crate) fn is_right(&self, Seen(state): Seen, door: Option<Door>) -> bool {
        match door {
            Some(door) => state & (LIVE | PLACE | DOORS) == LIVE | self.place | door.bits(),
            None => state & (LIVE | PLACE) == LIVE | self.place,
        }
    }

    /// Ends the process, because no live block of the door starts here; unless one of another door does, and all doors
    /// are open.
    #[cold]
    #[inline(never)]
    fn refuse(self) {
        if self.is_live() && door::are_open() {
            return;
        }
        fatal(match () {
            () if self.is_live() => Misuse::WrongDoor,
            () if self.is_freed() => Misuse::DoubleFree,
            () => Misuse::InteriorPointer,
        })
    }

    /// Ends the process if no live block of this door starts here.
    pub(crate) fn check_door(&self, door: Door) {
        self.check(self.load(), Some(door));
    }

    /// Makes a live block one of another door.
    pub(crate) fn set_door(&self, door: Door) {
        let state = self.load() & !DOORS;
        self.cell().store(state | door.bits(), Ordering::Relaxed);
    }

    /// Ends the process if no live block starts here.
    pub(crate) fn check_live(&self) {
        self.check(self.load(), None);
    }

    /// Bytes of the live block in a slot of so many.
    pub(crate) fn size(&self, slot: usize) -> usize {
        slot - self.slack(self.load())
    }

    /// Bytes that a block in a slot of so many may have.
    pub(crate) const fn room(&self, slot: usize) -> usize {
        slot - 1
    }

    /// Makes a live block `size` bytes long, and returns it. Ends the process if bytes behind it were overwritten.
    pub(crate) fn resize(&self, block: NonNull<u8>, size: usize, slot: usize) -> NonNull<[u8]> {
        canary::check(block, self.size(slot), slot);
        canary::rewrite(block, size, slot);
        let bits = self.load() & (LIVE | DOORS);
        self.store(size, slot, bits);
        NonNull::slice_from_raw_parts(block, size)
    }

    /// Forgets all blocks that started in `len` bytes from here, a multiple of the granule.
    pub(crate) fn forget(&self, len: usize) {
        // SAFETY: the bytes are a slab's that begins here, which has no block yet.
        unsafe { self.cell.write_bytes(0, len / GRANULE) };
    }
}
