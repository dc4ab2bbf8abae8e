//! A request in the hardened mode, and what a free of its block begins and ends with.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{Misuse, fatal};

use crate::hardened::Door;

/// A request at a door.
#[derive(Clone, Copy)]
pub(super) struct Request {
    pub(super) layout: Layout,
    pub(super) door: Door,
}

/// Ends the process if the caller of a free says another size than the block has.
#[inline]
pub(super) fn check_size(found: usize, size: Option<usize>) {
    if size.is_some_and(|size| size != found) {
        fatal(Misuse::WrongSize);
    }
}

/// Clears a block.
#[inline]
pub(super) fn clear(block: NonNull<u8>, size: usize) {
    // SAFETY: the block has that many bytes, and its user has given them up.
    unsafe { block.write_bytes(0, size) };
}
