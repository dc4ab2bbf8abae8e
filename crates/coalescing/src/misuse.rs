//! Frees that are checked as far as the headers allow.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{Misuse, Source};

use crate::header::Header;
use crate::heap::Heap;
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> Heap<S, GRANULE, M> {
    /// Gives a block back, or says why it cannot be one. O(1) (O(regions) with more than one).
    ///
    /// Where [`deallocate`](core_api::Allocator::deallocate) compares one header with the layout,
    /// this looks at everything that the headers around the block can tell. It finds
    ///
    /// - addresses outside the heap or between granules,
    /// - blocks that were freed before, as long as their header was not used for something else,
    /// - headers that were overwritten so that they contradict the next block's,
    /// - layouts of another size than the block's.
    ///
    /// What it cannot see: a second free after the memory was handed out again at the same
    /// address, and payload bytes that happen to look like headers.
    ///
    /// # Errors
    ///
    /// The [`Misuse`] that was seen; the heap is unchanged.
    ///
    /// # Safety
    ///
    /// `block` is live in this heap and `layout` fits it, or the call is one of the mistakes that
    /// are found.
    pub unsafe fn try_deallocate(
        &mut self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), Misuse> {
        let size = Self::granules(layout.size()).ok_or(Misuse::CorruptHeader)?;
        let (block, header) = self.examine(block.addr().get())?;
        if size != header.size() {
            return Err(Misuse::CorruptHeader);
        }
        // SAFETY: the headers around the block are those of a used block, which the caller gives
        // up.
        unsafe { self.give_up(block, size, header) };
        Ok(())
    }

    /// The block whose payload is at `address`, if everything says that it is used.
    fn examine(&self, address: usize) -> Result<(Offset, Header), Misuse> {
        let room = self.room(address).ok_or(Misuse::ForeignPointer)?;
        let block = self.regions.offset_of(address);
        // SAFETY: `room` found the address among the blocks of a region, where any four bytes
        // before a granule were written or handed out.
        let header = unsafe { self.regions.header(block) };
        if !header.is_used() || self.is_deferred(header) {
            return Err(Misuse::DoubleFree);
        }
        if header.size() < Self::MIN_SIZE || header.size() > room {
            return Err(Misuse::CorruptHeader);
        }
        // SAFETY: the block ends in the same region, so a header comes after it.
        let next = unsafe { self.regions.header(block + header.size()) };
        if !next.is_previous_used() {
            return Err(Misuse::CorruptHeader);
        }
        Ok((block, header))
    }

    /// The granules from `address` to the end of the blocks of its region, if it is a granule of
    /// them.
    fn room(&self, address: usize) -> Option<Granules> {
        let region = self.regions.find(address)?;
        let span = self.regions.span(region)?;
        let block = self.regions.offset_of(address);
        let is_inside = is_aligned(address, GRANULE) && span.first <= block && block < span.end;
        // What the top covers was never a block, or is free.
        is_inside.then_some(span.end - block)
    }
}
