//! The hooks of the hardened mode.

pub(crate) mod canary;
mod checks;
mod door;
mod guard;
mod key;
pub(crate) mod pool;
mod random;
mod reserved;
mod states;
pub(crate) mod waiting;
mod zero;

use core::ptr::NonNull;

use crate::layout::classes::CLASS_END;
use crate::primitive::Cell;

pub(crate) use checks::{are_quick, set_checks};
pub use door::Door;
pub(crate) use door::open_if as open_doors_if;
pub(crate) use guard::{
    acquire_lock, allocate as allocate_guarded, blocks as guarded_blocks, find as find_guarded,
    free as free_guarded, is_guarded, release_lock, set_interval,
};
pub(crate) use key::mask;
pub(crate) use states::{LEAST_SLOT, STATES_OF_PAGE, Seen, State, can_tell, is_long};
pub(crate) use waiting::check_first;

use pool::Pools;
use random::Random;

/// Whether a large block keeps its pages as long as it lives: its guards stay where they are.
pub(crate) const SPANS_STAY: bool = true;

/// Whether blocks are resized on the hit path, without a check, and those with a class grow into pages of their own.
pub(crate) const RESIZES_AT_HAND: bool = false;

/// Allocates a block of size 0. The first one watches faults.
pub(crate) fn allocate_zero() -> Option<NonNull<u8>> {
    if !zero::is_begun() {
        os::keeping_errno(guard::explain_faults);
    }
    zero::allocate()
}

/// Makes the process's secrets, before the first heap.
pub(crate) fn prepare() {
    key::make();
    canary::make();
    random::make();
}

/// The bytes of a new block in a slot that a user may use: those that were asked for.
#[inline]
pub(crate) const fn usable(requested: usize, _slot: usize) -> usize {
    requested
}

/// The extra state of a hardened heap. Only the owner uses it.
#[derive(Debug)]
pub(crate) struct Hardening {
    pub(crate) random: Random,
    pub(crate) pools: Pools,
    /// Requests until something is due; 0 if that was not decided yet.
    until_due: Cell<u32>,
    /// Requests from then on until one is guarded.
    until_guarded: Cell<u32>,
    /// Pauses between guarded requests that were drawn.
    n_pauses: Cell<u32>,
}

/// Something is due once in so many requests, at least.
const MOST_UNTIL_DUE: u32 = 1024;

impl Hardening {
    pub(crate) const fn new() -> Self {
        Self {
            random: Random::new(),
            pools: Pools::new(),
            until_due: Cell::new(0),
            until_guarded: Cell::new(0),
            n_pauses: Cell::new(0),
        }
    }

    /// Makes what is random about a new heap.
    pub(crate) fn start(&self) {
        self.random.seed();
    }

    /// Whether something is due with the next request. It always is in a heap without memory.
    #[inline(always)]
    pub(crate) fn is_next_due(&self) -> bool {
        self.until_due.get() <= 1
    }

    /// Counts a request with which nothing is due.
    #[inline(always)]
    pub(crate) fn count(&self) {
        self.until_due.set(self.until_due.get() - 1);
    }

    /// Starts to count again. Returns whether this request is to be guarded: a count is over, and not the first to
    /// begin.
    pub(crate) fn begin_count(&self) -> bool {
        let is_guarded = self.until_guarded.get() == 0 && self.until_due.get() == 1;
        if self.until_guarded.get() == 0 {
            self.restart_count();
        } else {
            self.count_on();
        }
        is_guarded
    }

    /// Starts to count again, with an interval that was set.
    pub(crate) fn restart_count(&self) {
        let n_pauses = self.n_pauses.get();
        self.until_guarded.set(guard::pause(&self.random, n_pauses));
        self.n_pauses.set(n_pauses.saturating_add(1));
        self.count_on();
    }

    fn count_on(&self) {
        let left = self.until_guarded.get();
        let due = left.min(MOST_UNTIL_DUE);
        self.until_due.set(due);
        self.until_guarded.set(left - due);
    }

    /// Lets all blocks out of the pools, by class and offset.
    pub(crate) fn flush(&self, release: impl Fn(usize, usize)) {
        for class in 1..CLASS_END {
            self.pools.of(class).empty(|offset| release(class, offset));
        }
    }
}
