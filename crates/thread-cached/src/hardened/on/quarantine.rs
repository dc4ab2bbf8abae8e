//! The quarantine: keeps freed blocks out of use for a while. They are zero, and must still be zero when they leave.

use core::ptr::{NonNull, null_mut};

use super::random::Random;
use crate::primitive::Cell;

/// Blocks in quarantine at most: 1 MiB of the largest that are kept here.
const ROOM: u32 = 256;

/// The quarantine of one heap, for its own blocks.
#[derive(Debug)]
pub(crate) struct Quarantine([Cell<*mut u8>; ROOM as usize]);

impl Quarantine {
    pub(crate) const fn new() -> Self {
        Self([const { Cell::new(null_mut()) }; ROOM as usize])
    }

    /// Puts the block into a place that cannot be guessed, and returns the block that was there.
    pub(crate) fn exchange(&self, block: NonNull<u8>, random: &Random) -> Option<NonNull<u8>> {
        let place = &self.0[random.below(ROOM) as usize];
        NonNull::new(place.replace(block.as_ptr()))
    }

    /// Lets all blocks out.
    pub(crate) fn flush(&self, release: impl Fn(NonNull<u8>)) {
        let leaving = self.0.iter().map(|place| place.replace(null_mut()));
        leaving.filter_map(NonNull::new).for_each(release);
    }
}

/// Whether the `size` bytes of a free block, a multiple of 8, are zero.
#[inline]
pub(crate) fn is_zero(block: NonNull<u8>, size: usize) -> bool {
    // SAFETY: the block has that many bytes at a multiple of 8, and a correct program does not write to it.
    let word = |index| unsafe { block.cast::<u64>().add(index).read() };
    (0..size / 8).fold(0, |sum, index| sum | word(index)) == 0
}
