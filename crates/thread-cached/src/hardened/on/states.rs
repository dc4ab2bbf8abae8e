//! The state of each block: one byte for every 16 bytes of the heap. It lies outside of the blocks.

use core::ptr::NonNull;

use core_api::{Misuse, fatal};

use crate::layout::units::PAGE;
use crate::primitive::{AtomicU8, Ordering};

/// Bytes that have one state: no two blocks start in them.
const GRANULE: usize = 16;

/// Bytes of states for a page.
pub(crate) const STATES_OF_PAGE: usize = PAGE / GRANULE;

/// Added to where in its granule the block starts.
const LIVE: u8 = 0x40;
const FREED: u8 = 0x80;

/// The state at one address.
///
/// The byte says that a block starts at exactly this address, and whether it is live or was freed. If the byte is 0, or
/// that of another address in the granule, no block starts here. The owner reads and writes the byte. Another thread that
/// frees the block exchanges the byte: if two threads free a block at once, one of them notices.
#[derive(Clone, Copy)]
pub(crate) struct State<'a> {
    byte: &'a AtomicU8,
    /// Where in its granule the address is.
    place: u8,
}

impl State<'_> {
    /// The state at an offset of a region whose states begin at `states`.
    ///
    /// # Safety
    ///
    /// They do, with one for each granule, and the region has the offset and stays mapped.
    #[inline]
    pub(crate) unsafe fn at<'a>(states: NonNull<u8>, offset: usize) -> State<'a> {
        // SAFETY: by the caller's promise the byte is there, and all threads use it as an atomic.
        let byte = unsafe { &*states.as_ptr().add(offset / GRANULE).cast::<AtomicU8>() };
        State {
            byte,
            place: (offset % GRANULE) as u8,
        }
    }

    /// A live block starts here.
    pub(crate) fn is_live(self) -> bool {
        self.byte.load(Ordering::Relaxed) == LIVE | self.place
    }

    /// A block that started here was freed, and none was handed out here since.
    pub(crate) fn is_freed(self) -> bool {
        self.byte.load(Ordering::Relaxed) == FREED | self.place
    }

    /// The block is live from now on.
    pub(crate) fn hand_out(self) {
        if self.is_live() {
            fatal(Misuse::WrittenWhileFree);
        }
        self.byte.store(LIVE | self.place, Ordering::Relaxed);
    }

    /// The owner frees the block.
    pub(crate) fn take_back(self) {
        self.check_live();
        self.byte.store(FREED | self.place, Ordering::Relaxed);
    }

    /// Another thread frees the block.
    pub(crate) fn take_back_remote(self) {
        self.check_live();
        let before = self.byte.swap(FREED | self.place, Ordering::Relaxed);
        if before == FREED | self.place {
            fatal(Misuse::DoubleFree);
        }
    }

    /// Ends the process if no live block starts here.
    pub(crate) fn check_live(self) {
        if self.is_live() {
            return;
        }
        fatal(match self.is_freed() {
            true => Misuse::DoubleFree,
            false => Misuse::InteriorPointer,
        })
    }
}
