//! Frees that are wrong, as far as the bits and the tags tell.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{Misuse, Source, fatal};

use crate::heap::{Heap, MIN_SIZE};
use crate::lists::Found;
use crate::memory::PAIR;
use crate::{GRANULE, Granules, Offset};

/// A used block, as far as the looks at its neighbours say.
pub(crate) struct Granted {
    pub(crate) block: Offset,
    pub(crate) end: Offset,
    /// The free block that ends where it begins.
    pub(crate) before: Option<Found>,
}

impl<S: Source> Heap<S> {
    /// The used block for `size` bytes at `address`, unless a few looks say that there is none. O(1).
    ///
    /// It lies among the blocks, no free block begins where it does, and one that ends there says the
    /// same at both of its ends. That a free block begins in the second granule of a pair is not seen if
    /// the payload in front looks like the end of a free block.
    #[inline]
    pub(crate) fn granted(&self, address: usize, size: usize) -> Option<Granted> {
        let (block, size) = self.place(address, size)?;
        // SAFETY: the granules from `block` on lie among the blocks, and so does what is in front.
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

    /// Where `size` bytes at `address` are among the blocks, if they are.
    #[inline]
    pub(crate) fn place(&self, address: usize, size: usize) -> Option<(Offset, Granules)> {
        let distance = self.memory.distance(address);
        let size = Self::granules(size)?;
        let block = Offset::try_from(distance / GRANULE).ok()?;
        let is_inside = block >= self.first && size <= self.top.checked_sub(block)?;
        (is_inside && is_aligned(distance, GRANULE)).then_some((block, size))
    }

    /// Whether `before`, found by its last tag in front of `end`, has the same size in its first one.
    #[inline]
    fn is_free_before(&self, before: Found, end: Offset) -> bool {
        let is_inside = self.first <= before.block && before.block < end;
        // SAFETY: the offset lies among the blocks, below the top, where every granule was written
        // or handed out.
        is_inside && unsafe { self.memory.size(before.block) } == before.size
    }

    /// Ends the process for a free that cannot be one.
    #[cold]
    #[inline(never)]
    pub(crate) fn refuse(&self, address: usize, size: usize) -> ! {
        fatal(match self.examine(address, size) {
            Err(misuse) => misuse,
            Ok(_) => Misuse::CorruptHeader,
        })
    }

    /// Gives a block back, or says why it cannot be one. O(free blocks).
    ///
    /// Where [`deallocate`](core_api::Allocator::deallocate) looks at the bits and tags next to the
    /// block, this looks for the block in every free one. It finds
    ///
    /// - addresses outside the heap or between granules,
    /// - blocks that are free, whatever they were merged with,
    /// - layouts that reach into a free block or the top.
    ///
    /// What it cannot see: a second free of a pad beside a payload that looks like one, one after the memory
    /// was handed out again, a layout that is too
    /// small or reaches into another used block, and a pointer into the middle of a used block. There
    /// is no header that would tell.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use headerless::Heap;
    /// use core_api::{Allocator, Borrowed, Misuse};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap = Heap::new(Borrowed::new(&mut buffer));
    /// let layout = Layout::new::<u64>();
    /// let block = heap.allocate(layout)?.cast();
    /// // SAFETY: the block is live; the second call is a mistake that is found.
    /// let mut free = || unsafe { heap.try_deallocate(block, layout) };
    /// assert_eq!((free(), free()), (Ok(()), Err(Misuse::DoubleFree)));
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
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
        let (block, size) = self.examine(block.addr().get(), layout.size())?;
        // SAFETY: the granules are in no free block, and the caller gives them up.
        unsafe { self.release(block, block + size, self.free_before(block)) };
        Ok(())
    }

    /// Where the block is, if no free one has its granules.
    fn examine(&self, address: usize, size: usize) -> Result<(Offset, Granules), Misuse> {
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

    /// Whether a free block in front of the top has the granule.
    fn is_in_free_block(&self, granule: Offset) -> bool {
        let reaching = self
            .free_blocks()
            .find(|found| granule < found.block + found.size);
        reaching.is_some_and(|found| found.block <= granule && !self.is_ambiguous(found))
    }

    /// Whether a pad may as well be the granule in front of it: then the block that begins here may be
    /// used, and have a copy of a pad in it.
    fn is_ambiguous(&self, found: Found) -> bool {
        if found.size >= MIN_SIZE || found.block.is_multiple_of(PAIR) {
            return false;
        }
        // SAFETY: the pair's first granule lies in the region, below the top, where every granule was
        // written or handed out.
        let tags = unsafe {
            let first = self.memory.size(found.block - 1);
            (first, self.memory.size_before(found.block))
        };
        tags == (found.size, found.size)
    }
}
