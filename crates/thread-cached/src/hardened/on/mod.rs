//! The hooks of the hardened mode.

mod checks;
mod guard;
mod key;
mod quarantine;
mod random;
mod states;

use core::ptr::NonNull;

use core_api::{Misuse, fatal};

use crate::primitive::Cell;

pub(crate) use checks::{are_quick, set_checks};
pub(crate) use guard::{
    acquire_lock, allocate as allocate_guarded, blocks as guarded_blocks, find as find_guarded,
    free as free_guarded, is_guarded, release_lock, set_interval,
};
pub(crate) use key::{make as prepare, mask};
pub(crate) use states::{STATES_OF_PAGE, State};

use quarantine::Quarantine;
use random::Random;

/// The extra state of a hardened heap. Only the owner uses it.
#[derive(Debug)]
pub(crate) struct Hardening {
    random: Random,
    quarantine: Quarantine,
    /// Requests until one is guarded; 0 if that was not decided yet.
    until_guarded: Cell<u32>,
}

impl Hardening {
    pub(crate) const fn new() -> Self {
        Self {
            random: Random::new(),
            quarantine: Quarantine::new(),
            until_guarded: Cell::new(0),
        }
    }

    /// Whether the count is over. Writes nothing to a heap without memory, whose count always is.
    #[inline]
    pub(crate) fn is_count_over(&self) -> bool {
        let left = self.until_guarded.get();
        if left > 1 {
            self.until_guarded.set(left - 1);
        }
        left <= 1
    }

    /// Starts to count again. Returns whether this request is to be guarded: a count is over, and not the first to
    /// begin.
    pub(crate) fn begin_count(&self) -> bool {
        let next = guard::pause(&self.random);
        self.until_guarded.replace(next) == 1
    }

    /// Starts to count again, with an interval that was set.
    pub(crate) fn restart_count(&self) {
        self.until_guarded.set(guard::pause(&self.random));
    }

    /// Puts a freed block, which is zero, into the quarantine. Returns the block that leaves in its place.
    pub(crate) fn detain(&self, block: NonNull<u8>) -> Option<NonNull<u8>> {
        self.quarantine.exchange(block, &self.random)
    }

    /// Lets all blocks out of the quarantine.
    pub(crate) fn flush(&self, release: impl Fn(NonNull<u8>)) {
        self.quarantine.flush(release);
    }

    /// Shuffles pointers.
    pub(crate) fn shuffle(&self, blocks: &mut [*mut u8]) {
        for last in (1..blocks.len()).rev() {
            blocks.swap(last, self.random.below(last as u32 + 1) as usize);
        }
    }
}

/// Ends the process if the `size` bytes of a block that leaves the quarantine are not zero.
pub(crate) fn check_untouched(block: NonNull<u8>, size: usize) {
    if !quarantine::is_zero(block, size) {
        fatal(Misuse::WrittenWhileFree);
    }
}
