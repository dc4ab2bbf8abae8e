//! The hooks without the hardened mode: they do nothing, and the state that they keep has no bytes.

use core::ptr::NonNull;

use crate::hardened::checks::Checks;

/// Bytes of block states for a page.
pub(crate) const STATES_OF_PAGE: usize = 0;

/// Whether a state can tell this slack.
pub(crate) const fn can_tell(_slack: usize) -> bool {
    true
}

/// Whether a large block keeps its pages as long as it lives.
pub(crate) const SPANS_STAY: bool = false;

/// Whether blocks are resized on the hit path, without a check, and those with a class grow into pages of their own.
pub(crate) const RESIZES_AT_HAND: bool = true;

/// What a block's link is combined with.
#[inline(always)]
pub(crate) const fn mask(_: NonNull<u8>) -> usize {
    0
}

/// A heap's state for this mode.
#[derive(Debug)]
pub(crate) struct Hardening;

impl Hardening {
    pub(crate) const fn new() -> Self {
        Self
    }

    /// Makes what is random about a new heap.
    pub(crate) const fn start(&self) {}

    /// Starts to count requests again.
    pub(crate) fn restart_count(&self) {}

    /// Lets all blocks out of the pools, by class and offset.
    pub(crate) fn flush(&self, _: impl Fn(usize, usize)) {}
}

/// The state of one block.
pub(crate) struct State;

impl State {
    /// The state at an offset of a region whose states begin at `states`.
    ///
    /// # Safety
    ///
    /// None is needed.
    #[inline(always)]
    pub(crate) const unsafe fn at(_: NonNull<u8>, _: usize) -> Self {
        Self
    }

    /// Whether a block that started here was freed, as far as states tell.
    pub(crate) const fn is_freed(&self) -> bool {
        false
    }

    /// Ends the process if no live block starts here.
    pub(crate) const fn check_live(&self) {}

    /// Bytes of the live block in a slot of so many.
    #[inline(always)]
    pub(crate) const fn size(&self, slot: usize) -> usize {
        slot
    }

    /// Bytes that a block in a slot of so many may have.
    #[inline(always)]
    pub(crate) const fn room(&self, slot: usize) -> usize {
        slot
    }

    /// Makes a live block `size` bytes long, and returns it: all of its slot.
    #[inline(always)]
    pub(crate) const fn resize(&self, block: NonNull<u8>, _: usize, slot: usize) -> NonNull<[u8]> {
        NonNull::slice_from_raw_parts(block, slot)
    }

    /// Forgets all blocks that started in `len` bytes from here.
    pub(crate) const fn forget(&self, _: usize) {}
}

/// Ends the process if the first word of a block that waits was written to.
pub(crate) const fn check_first(_: NonNull<u8>) {}

/// The bytes of a new block in a slot that a user may use.
#[inline(always)]
pub(crate) const fn usable(_requested: usize, slot: usize) -> usize {
    slot
}

/// Makes the process's secrets, before the first heap.
pub(crate) const fn prepare() {}

/// Sets the checks of all heaps from now on.
pub(crate) const fn set_checks(_: Checks) {}

/// Guards one request in `every`, none if that is 0.
pub(crate) const fn set_interval(_: u32) {}

/// Acquires the lock of the guarded blocks, for `fork`.
pub(crate) const fn acquire_lock() {}

/// Releases the lock that [`acquire_lock`] acquired.
///
/// # Safety
///
/// The calling thread acquired it.
pub(crate) const unsafe fn release_lock() {}

/// Finds the guarded block at this address.
pub(crate) const fn find_guarded(_: NonNull<u8>) -> Option<NonNull<[u8]>> {
    None
}

/// Whether the address is one of the guarded pages.
#[inline(always)]
pub(crate) const fn is_guarded(_: NonNull<u8>) -> bool {
    false
}

/// Frees a guarded block.
pub(crate) const fn free_guarded(_: NonNull<u8>) {}

/// Address and bytes of every live guarded block.
pub(crate) fn guarded_blocks() -> impl Iterator<Item = (usize, usize)> {
    core::iter::empty()
}
