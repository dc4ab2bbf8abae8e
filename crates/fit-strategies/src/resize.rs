//! Resizing in place: cutting a block down, and growing over the free block behind it.

use core::ptr::NonNull;

use core_api::{AllocError, Block, BlockState, Source, fatal};

use crate::fit::Fit;
use crate::heap::FitHeap;
use crate::order::Order;
use crate::request::block_size;

impl<S: Source, P: Fit, O: Order> FitHeap<S, P, O> {
    /// Resizes a used block where it is; returns the bytes of its payload.
    ///
    /// # Safety
    ///
    /// The payload beyond `payload` bytes is not used again.
    #[inline]
    pub(crate) unsafe fn resize(
        &mut self,
        block: NonNull<u8>,
        payload: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let used = self
            .used_block(block)
            .unwrap_or_else(|misuse| fatal(misuse));
        let size = block_size(payload)?;
        let size = if size > used.size {
            // SAFETY: the block was just found.
            unsafe { self.absorb(used, size)? }
        } else {
            // SAFETY: the caller gave up what is cut off.
            unsafe { self.trim(used, size) }
        };
        // SAFETY: the block has that size now.
        Ok(unsafe { self.tiling.payload(used.address, size) })
    }

    /// Cuts `used` down to `size` bytes if the rest makes a block; returns its size.
    ///
    /// # Safety
    ///
    /// The bytes beyond `size` are not used again.
    unsafe fn trim(&mut self, used: Block, size: usize) -> usize {
        if used.size - size < self.split_threshold {
            return used.size;
        }
        let link = self.list.place::<O>(&self.tiling, used.address);
        // SAFETY: a used block is in no list (by I2), and its caller gave the rest up.
        unsafe { self.carve(used.address, used.size, size, link) }
    }

    /// Extends `used` to at least `size` bytes over the free block behind it; returns its size.
    /// O(free blocks): the list has to be searched for the block.
    ///
    /// # Safety
    ///
    /// `used` is a used block of this heap.
    unsafe fn absorb(&mut self, used: Block, size: usize) -> Result<usize, AllocError> {
        let next = self.tiling.block_at(used.end()).ok_or(AllocError)?;
        if next.state != BlockState::Free || next.size < size - used.size {
            return Err(AllocError);
        }
        let link = self
            .list
            .before(&self.tiling, |address| address == next.address);
        self.list.unlink(&self.tiling, link, &next);
        // SAFETY: the block behind was free and is no longer in the list; the payload in front
        // stays as it is.
        Ok(unsafe { self.carve(used.address, used.size + next.size, size, link) })
    }
}
