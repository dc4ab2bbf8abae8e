//! Slots that threads use in turn.

use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::hint;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

/// A live block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) pointer: NonNull<u8>,
    pub(super) layout: Layout,
}

/// Why a call was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The allocator refused it.
    Refused,
    /// The replay was given up elsewhere.
    GivenUp,
}

/// One slot, on a cache line of its own: what threads share is the allocator, not this.
#[derive(Debug)]
#[repr(align(64))]
struct Slot {
    /// The number of calls that are done.
    turn: AtomicU32,
    block: UnsafeCell<Block>,
}

/// The slots of a plan, and whether the replay was given up.
#[derive(Debug)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    given_up: AtomicBool,
}

// SAFETY: a slot's block is touched in `take_turn` alone, between the wait for a turn that one call
// has and the store that ends it; the Acquire load sees what the Release store of the turn before
// published.
unsafe impl Sync for Slots {}

/// Looks at a slot before a waiting thread lets others run.
const N_SPINS: u32 = 100;

impl Slots {
    pub(super) fn new(n_slots: usize) -> Self {
        let empty = || Slot {
            turn: AtomicU32::new(0),
            block: UnsafeCell::new(Block {
                pointer: NonNull::dangling(),
                layout: Layout::new::<u8>(),
            }),
        };
        Self {
            slots: std::iter::repeat_with(empty).take(n_slots).collect(),
            given_up: AtomicBool::new(false),
        }
    }

    /// Waits for `turn` at `slot`, lets `call` use its block, and passes the turn on. A call
    /// that returns `None` was refused, which ends the replay.
    ///
    /// # Safety
    ///
    /// No two calls have the same turn at a slot.
    #[inline(always)]
    pub(super) unsafe fn take_turn<T>(
        &self,
        slot: u32,
        turn: u32,
        call: impl FnOnce(&mut Block) -> Option<T>,
    ) -> Result<T, Ended> {
        let slot = &self.slots[slot as usize];
        if slot.turn.load(Ordering::Acquire) != turn {
            self.wait_slow(slot, turn)?;
        }
        // SAFETY: it is this call's turn and no other has it, so this is the only reference.
        let done = call(unsafe { &mut *slot.block.get() });
        match done {
            Some(_) => slot.turn.store(turn + 1, Ordering::Release),
            None => self.give_up(),
        }
        done.ok_or(Ended::Refused)
    }

    #[cold]
    fn wait_slow(&self, slot: &Slot, turn: u32) -> Result<(), Ended> {
        let mut n_spins = 0;
        while slot.turn.load(Ordering::Acquire) != turn {
            if self.is_given_up() {
                return Err(Ended::GivenUp);
            }
            n_spins += 1;
            match n_spins < N_SPINS {
                true => hint::spin_loop(),
                false => thread::yield_now(),
            }
        }
        Ok(())
    }

    /// Ends the replay: whoever waits, waits no longer.
    pub(super) fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    /// The block of a slot once all threads are gone.
    pub(super) fn block(&mut self, slot: u32) -> Block {
        *self.slots[slot as usize].block.get_mut()
    }
}
