//! Reads and writes the header, the links and the footer of a block.
//!
//! The offset of its payload names a block. These methods read and write by value, and derive each pointer
//! from the region that the block lies in.

use core::hint::assert_unchecked;

use core_api::Source;
use core_api::align::is_aligned;

use crate::header::Header;
use crate::regions::Regions;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize> Regions<S, GRANULE> {
    /// Bytes of a header, of a footer and of a link.
    pub(crate) const TAG: usize = size_of::<u32>();

    /// # Safety
    ///
    /// `block` names a block, the top or the end of a region (I1).
    #[inline]
    pub(crate) unsafe fn header(&self, block: Offset) -> Header {
        let tag = self.at(block).wrapping_sub(Self::TAG).cast::<Header>();
        // SAFETY: by I1 the four bytes before the offset are an aligned header in the region.
        unsafe { tag.read() }
    }

    /// Returns the block whose payload is at `address`, and its header.
    ///
    /// # Safety
    ///
    /// `address` is the address of a block's payload.
    #[inline]
    pub(crate) unsafe fn block_at(&self, address: usize) -> (Offset, Header) {
        let distance = address.wrapping_sub(self.origin.addr());
        // SAFETY: the caller promises a payload's address: a multiple of a granule within an offset's range.
        unsafe {
            assert_unchecked(is_aligned(distance, GRANULE));
            assert_unchecked(distance / GRANULE <= Offset::MAX as usize);
        }
        let block = (distance / GRANULE) as Offset;
        // SAFETY: by the caller's promise `block` names a block.
        (block, unsafe { self.header(block) })
    }

    /// # Safety
    ///
    /// The four bytes before `block` lie in a region and belong to the heap.
    #[inline]
    pub(crate) unsafe fn set_header(&mut self, block: Offset, header: Header) {
        let tag = self.at(block).wrapping_sub(Self::TAG).cast::<Header>();
        // SAFETY: the caller promises that the bytes belong to the heap. They are aligned, because an offset
        // stands for a multiple of a granule.
        unsafe { tag.write(header) }
    }

    /// Returns the size of the free block that ends where `block` begins.
    ///
    /// # Safety
    ///
    /// `block` names a block after a free one (I2).
    #[inline]
    pub(crate) unsafe fn size_before(&self, block: Offset) -> Granules {
        let tag = self
            .at(block)
            .wrapping_sub(2 * Self::TAG)
            .cast::<Granules>();
        // SAFETY: by I3 the last four bytes of the free block are its footer.
        unsafe { tag.read() }
    }

    /// # Safety
    ///
    /// A free block of `size` granules ends where the block `next` begins.
    #[inline]
    pub(crate) unsafe fn set_size_before(&mut self, next: Offset, size: Granules) {
        let tag = self.at(next).wrapping_sub(2 * Self::TAG).cast::<Granules>();
        // SAFETY: the caller's promise: the last four bytes of a free block belong to the heap.
        unsafe { tag.write(size) }
    }

    /// Returns the block after `node` in its list.
    ///
    /// # Safety
    ///
    /// `node` is in a list or the head of one (I5).
    #[inline]
    pub(crate) unsafe fn next(&self, node: Offset) -> Offset {
        // SAFETY: by I5 the first payload word is a link.
        unsafe { self.at(node).cast::<Offset>().read() }
    }

    /// Returns the block before `node` in its list.
    ///
    /// # Safety
    ///
    /// As [`next`](Self::next).
    #[inline]
    pub(crate) unsafe fn previous(&self, node: Offset) -> Offset {
        // SAFETY: by I5 the second payload word is a link.
        unsafe {
            self.at(node)
                .wrapping_add(Self::TAG)
                .cast::<Offset>()
                .read()
        }
    }

    /// # Safety
    ///
    /// `node` names a free block of at least 16 bytes or the head of a list.
    #[inline]
    pub(crate) unsafe fn set_next(&mut self, node: Offset, next: Offset) {
        // SAFETY: the caller's promise: the payload of a free block belongs to the heap.
        unsafe { self.at(node).cast::<Offset>().write(next) }
    }

    /// # Safety
    ///
    /// As [`set_next`](Self::set_next).
    #[inline]
    pub(crate) unsafe fn set_previous(&mut self, node: Offset, previous: Offset) {
        let link = self.at(node).wrapping_add(Self::TAG).cast::<Offset>();
        // SAFETY: the caller's promise: the payload of a free block belongs to the heap.
        unsafe { link.write(previous) }
    }
}
