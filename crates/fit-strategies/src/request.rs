//! What a layout asks of a block.
#![forbid(unsafe_code)]

use core::alloc::Layout;

use core_api::{AllocError, align};

use crate::{GRANULE, HEADER, MIN_BLOCK};

/// A layout in terms of blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// Bytes of the block, header included: a multiple of the granule, at least [`MIN_BLOCK`].
    pub(crate) size: usize,
    align: usize,
}

impl Request {
    #[inline]
    pub(crate) fn new(layout: Layout) -> Result<Self, AllocError> {
        Ok(Self {
            size: block_size(layout.size())?,
            align: layout.align(),
        })
    }

    /// Bytes to leave in front of a block in a hole at `address`, so that its payload is aligned:
    /// none, or enough for a free block.
    #[inline]
    pub(crate) fn pad(&self, address: usize) -> usize {
        match align::padding(address + HEADER, self.align) {
            pad if pad == 0 || pad >= MIN_BLOCK => pad,
            pad => pad + self.align,
        }
    }

    /// Whether a hole of `size` bytes at `address` has room for pad and block.
    #[inline]
    pub(crate) fn fits(&self, address: usize, size: usize) -> bool {
        self.size <= size && self.pad(address) <= size - self.size
    }
}

/// The size of the block for a payload of `payload` bytes.
#[inline]
pub(crate) fn block_size(payload: usize) -> Result<usize, AllocError> {
    let rounded = align::checked_round_up(payload, GRANULE).ok_or(AllocError)?;
    let size = rounded.checked_add(HEADER).ok_or(AllocError)?;
    Ok(size.max(MIN_BLOCK))
}
