//! Reading and writing what lies around a payload: header, links and footer.
//!
//! A block is named by the offset of its payload. Everything is read and written by value; the
//! pointer is made anew each time from the region that the block lies in.

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

    /// The block whose payload is at `address`, and its header.
    ///
    /// # Safety
    ///
    /// `address` is that of a block's payload.
    #[inline]
    pub(crate) unsafe fn block_at(&self, address: usize) -> (Offset, Header) {
        let distance = address.wrapping_sub(self.origin.addr());
        // SAFETY: the caller's promise: payloads lie at granules, and within reach of an offset.
        unsafe {
            assert_unchecked(is_aligned(distance, GRANULE));
            assert_unchecked(distance / GRANULE <= Offset::MAX as usize);
        }
        let block = (distance / GRANULE) as Offset;
        // SAFETY: the caller's promise.
        (block, unsafe { self.header(block) })
    }

    /// # Safety
    ///
    /// The four bytes before `block` lie in a region and belong to the heap.
    #[inline]
    pub(crate) unsafe fn set_header(&mut self, block: Offset, header: Header) {
        let tag = self.at(block).wrapping_sub(Self::TAG).cast::<Header>();
        // SAFETY: the caller's promise; an offset is a multiple of a granule, so they are aligned.
        unsafe { tag.write(header) }
    }

    /// The size of the free block that ends where `block` begins.
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

    /// The block after `node` in its list.
    ///
    /// # Safety
    ///
    /// `node` is in a list or the head of one (I5).
    #[inline]
    pub(crate) unsafe fn next(&self, node: Offset) -> Offset {
        // SAFETY: by I5 the first payload word is a link.
        unsafe { self.at(node).cast::<Offset>().read() }
    }

    /// The block before `node` in its list.
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
