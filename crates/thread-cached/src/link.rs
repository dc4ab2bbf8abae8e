//! Links in free blocks: the first word of each is the next one's address.

use core::ptr::NonNull;

use crate::hardened::mask;

/// Free blocks, each linked to the next. The link of the last block may be anything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    pub(crate) first: NonNull<u8>,
    pub(crate) last: NonNull<u8>,
}

/// Returns the block that `block` is linked to; null at the end.
///
/// # Safety
///
/// `block` is free and linked, and no other thread writes to it.
#[inline(always)]
pub(crate) unsafe fn read(block: NonNull<u8>) -> *mut u8 {
    // SAFETY: a block has at least 16 bytes at a multiple of 8.
    let stored = unsafe { block.cast::<*mut u8>().read() };
    stored.map_addr(|address| address ^ mask(block))
}

/// Links `block` to `next`.
///
/// # Safety
///
/// `block` is free, and no other thread uses it.
#[inline(always)]
pub(crate) unsafe fn write(block: NonNull<u8>, next: *mut u8) {
    // SAFETY: as in `read`.
    unsafe {
        let stored = next.map_addr(|address| address ^ mask(block));
        block.cast::<*mut u8>().write(stored);
    }
}
