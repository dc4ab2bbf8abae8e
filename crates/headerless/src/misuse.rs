//! Checks of frees, as far as the bits and the tags allow.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{CheckedFree, Misuse, Source, fatal};

use crate::heap::{HeaderlessHeap, MIN_SIZE};
use crate::lists::Found;
use crate::memory::PAIR;
use crate::{GRANULE, Granules, Offset};

/// A block that is used, as far as its neighbours show.
pub(crate) struct Granted {
    pub(crate) block: Offset,
    pub(crate) end: Offset,
    /// The free block that ends where this one begins.
    pub(crate) before: Option<Found>,
}

impl<S: Source> HeaderlessHeap<S> {
    /// Returns the used block for `size` bytes at `address`, unless a few checks contradict it. O(1).
    ///
    /// The checks are: the block lies among the blocks; no free block begins at its address; a free block that
    /// ends there has the same size at both of its ends. The second check misses a free block that begins in the
    /// second granule of a pair, if the payload in front looks like the end of a free block.
    #[inline]
    pub(crate) fn granted(&self, address: usize, size: usize) -> Option<Granted> {
        let (block, size) = self.place(address, size)?;
        // SAFETY: `place` has checked that the granules from `block` on lie among the blocks.
        let (begins_free, before) = unsafe {
            let begins_free = block.is_multiple_of(PAIR) && self.memory.is_edge(block);
            (begins_free, self.free_before(block))
        };
        let is_sound = before.is_none_or(|before| self.is_free_before(before, block));
        (!begins_free && is_sound).then_some(Granted {
            block,
            end: block + size,
            before,
        })
    }

    /// Returns the offset and the granules of `size` bytes at `address`, if they lie among the blocks.
    #[inline]
    pub(crate) fn place(&self, address: usize, size: usize) -> Option<(Offset, Granules)> {
        let distance = self.memory.distance(address);
        let size = Self::granules(size)?;
        let block = Offset::try_from(distance / GRANULE).ok()?;
        let is_inside = block >= self.first && size <= self.top.checked_sub(block)?;
        (is_inside && is_aligned(distance, GRANULE)).then_some((block, size))
    }

    /// Returns true if `before`, found by its last tag in front of `end`, has the same size in its first tag.
    #[inline]
    fn is_free_before(&self, before: Found, end: Offset) -> bool {
        let is_inside = self.first <= before.block && before.block < end;
        // SAFETY: the offset lies among the blocks, below the top, where the heap wrote every granule or handed
        // it out.
        is_inside && unsafe { self.memory.size(before.block) } == before.size
    }

    /// Ends the process because the free is a mistake.
    #[cold]
    #[inline(never)]
    pub(crate) fn refuse(&self, address: usize, size: usize) -> ! {
        fatal(match self.live_block(address, size) {
            Err(misuse) => misuse,
            Ok(_) => Misuse::CorruptHeader,
        })
    }

    /// Frees a block, or returns the mistake if it is not a live block. O(free blocks).
    ///
    /// [`deallocate`](core_api::Allocator::deallocate) looks at the bits and tags next to the block. This
    /// function searches every free block for the block. It finds
    ///
    /// - addresses outside the heap or between granules,
    /// - blocks that are already free, even if they were merged,
    /// - layouts that reach into a free block or the top.
    ///
    /// The function cannot see the following mistakes, because there is no header:
    ///
    /// - a second free of a pad beside a payload that looks like a pad,
    /// - a second free after the heap handed the memory out again,
    /// - a layout that is too small or reaches into another used block,
    /// - a pointer into the middle of a used block.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use headerless::HeaderlessHeap;
    /// use core_api::{Allocator, Borrowed, Misuse};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap = HeaderlessHeap::new(Borrowed::new(&mut buffer));
    /// let layout = Layout::new::<u64>();
    /// let block = heap.allocate(layout)?.cast();
    /// // SAFETY: the block is live; the second call is a mistake that the function finds.
    /// let mut free = || unsafe { heap.try_deallocate(block, layout) };
    /// assert_eq!((free(), free()), (Ok(()), Err(Misuse::DoubleFree)));
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The [`Misuse`] that the function found; the heap is unchanged.
    ///
    /// # Safety
    ///
    /// `block` is live in this heap and `layout` fits it, or the call is one of the mistakes that the
    /// function finds.
    pub unsafe fn try_deallocate(
        &mut self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), Misuse> {
        let (block, size) = self.live_block(block.addr().get(), layout.size())?;
        // SAFETY: `live_block` has checked that no free block has the granules; the caller gives them up.
        unsafe { self.release(block, block + size, self.free_before(block)) };
        Ok(())
    }

    /// Returns the block's offset and granules, if no free block has any of them.
    fn live_block(&self, address: usize, size: usize) -> Result<(Offset, Granules), Misuse> {
        let distance = self.memory.distance(address);
        let is_granule = self.region.contains(address) && is_aligned(distance, GRANULE);
        let block = Offset::try_from(distance / GRANULE).map_err(|_| Misuse::ForeignPointer)?;
        if !is_granule || block < self.first || block >= self.end {
            return Err(Misuse::ForeignPointer);
        }
        let is_free = |granule| granule >= self.top || self.is_in_free_block(granule);
        if is_free(block) {
            return Err(Misuse::DoubleFree);
        }
        let (_, size) = self.place(address, size).ok_or(Misuse::CorruptHeader)?;
        let next = self.free_blocks().find(|found| found.block > block);
        match next.is_some_and(|next| next.block - block < size) {
            true => Err(Misuse::CorruptHeader),
            false => Ok((block, size)),
        }
    }

    /// Returns whether a free block in front of the top contains the granule.
    fn is_in_free_block(&self, granule: Offset) -> bool {
        let reaching = self
            .free_blocks()
            .find(|found| granule < found.block + found.size);
        reaching.is_some_and(|found| found.block <= granule && !self.is_ambiguous(found))
    }

    /// Returns true if the granule in front of a pad may be the pad instead: then the block that begins here may
    /// be used, and contain a copy of a pad.
    fn is_ambiguous(&self, found: Found) -> bool {
        if found.size >= MIN_SIZE || found.block.is_multiple_of(PAIR) {
            return false;
        }
        // SAFETY: the pair's first granule lies in the region, below the top, where the heap wrote every granule or
        // handed it out.
        let tags = unsafe {
            let first = self.memory.size(found.block - 1);
            (first, self.memory.size_before(found.block))
        };
        tags == (found.size, found.size)
    }
}

// SAFETY: `live_block` reads tags of free blocks only. It returns a block only if no free block has any of its
// granules, which is all that merging the block needs.
unsafe impl<S: Source> CheckedFree for HeaderlessHeap<S> {
    #[inline]
    unsafe fn deallocate_unchecked(&mut self, block: NonNull<u8>, layout: Layout) {
        let block = (self.memory.distance(block.addr().get()) / GRANULE) as Offset;
        // SAFETY: the caller promises that the block is live and gives it up. Its size was granted, so it has a number
        // of granules.
        unsafe {
            let size = Self::granules(layout.size()).unwrap_unchecked();
            self.release(block, block + size, self.free_before(block))
        }
    }

    /// O(free blocks).
    fn examine(&self, block: NonNull<u8>, layout: Option<Layout>) -> Result<(), Misuse> {
        let size = layout.map_or(1, |layout| layout.size());
        self.live_block(block.addr().get(), size).map(|_| ())
    }
}
