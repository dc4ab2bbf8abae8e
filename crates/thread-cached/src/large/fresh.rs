//! A new block in pages of its own.

use core::ptr::NonNull;

/// A new block in pages of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fresh {
    pub(crate) block: NonNull<u8>,
    /// Usable bytes.
    pub(crate) len: usize,
    /// Whether all of them are known to be zero.
    pub(crate) is_zero: bool,
}
