//! The contract's traits.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{AllocError, Allocator, Misuse, Reclaims, SizelessFree, Source, fatal};

use crate::FreeList;
use crate::header::{Header, block_size};

impl<S: Source> FreeList<S> {
    /// As [`try_free`](Self::try_free), for a caller who knows the layout. O(1).
    ///
    /// ```
    /// use core::alloc::Layout;
    /// use core_api::{Allocator, Misuse, StaticHeap};
    /// static HEAP: StaticHeap = StaticHeap::new();
    /// let mut heap = freelist::FreeList::new(&HEAP);
    /// let block = heap.allocate(Layout::new::<u64>())?.cast();
    /// // SAFETY: the block is live; its layout is right or larger.
    /// unsafe {
    ///     let wrong = heap.try_deallocate(block, Layout::new::<[u64; 2]>());
    ///     assert_eq!(wrong, Err(Misuse::CorruptHeader));
    ///     assert_eq!(heap.try_deallocate(block, Layout::new::<u64>()), Ok(()));
    /// }
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`try_free`](Self::try_free); also [`Misuse::CorruptHeader`] if `layout` is larger than
    /// the block.
    ///
    /// # Safety
    ///
    /// As [`try_free`](Self::try_free); where the pointer is right, `layout` fits the block or is
    /// larger.
    pub unsafe fn try_deallocate(
        &mut self,
        payload: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), Misuse> {
        let (block, header) = self.find(payload)?;
        if layout.size() > header.payload() {
            return Err(Misuse::CorruptHeader);
        }
        // SAFETY: a used block, by I4 not on the list, whose user gives it up.
        unsafe { self.push(block, header) };
        Ok(())
    }

    /// A block that its user says is live, and its header.
    fn live(&self, payload: NonNull<u8>) -> (usize, Header) {
        self.find(payload).unwrap_or_else(|misuse| fatal(misuse))
    }
}

// SAFETY: a block is either cut from the untouched end or taken off the free list; by I3 and I4 it
// is then nobody else's. Its header, before the payload, is written by the heap alone. The region
// stays where it is when the allocator moves.
unsafe impl<S: Source> Allocator for FreeList<S> {
    /// O(free blocks) at worst; O(1) if none is free or the block freed last is large enough.
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let size = block_size(layout.size()).ok_or(AllocError)?;
        let (block, header) = match self.take(size, layout.align()) {
            Some(found) => found,
            None => self.cut(size, layout.align())?,
        };
        self.payload(block, header)
    }

    /// O(1).
    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        if let Err(misuse) = unsafe { self.try_deallocate(block, layout) } {
            fatal(misuse);
        }
    }

    /// O(1). A block keeps its size; what its payload holds is what it can become.
    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        _old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let (block, header) = self.live(block);
        if new_size <= header.payload() {
            self.payload(block, header)
        } else {
            Err(AllocError)
        }
    }

    #[inline]
    fn reclaims(&self) -> Reclaims {
        Reclaims::WholeBlocks
    }
}

// SAFETY: the header knows the payload's bytes, and nothing else about a block matters.
unsafe impl<S: Source> SizelessFree for FreeList<S> {
    /// O(1).
    #[inline]
    unsafe fn free(&mut self, block: NonNull<u8>) {
        // SAFETY: the caller's promise is passed on.
        if let Err(misuse) = unsafe { self.try_free(block) } {
            fatal(misuse);
        }
    }

    /// O(1).
    #[inline]
    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        let (_, header) = self.live(block);
        header.payload()
    }

    /// O(1) within the block's payload, else as `allocate`, and a copy.
    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let (place, header) = self.live(block);
        let payload = self.payload(place, header)?;
        if new.size() <= payload.len() {
            return Ok(payload);
        }
        let moved = self.allocate(new)?;
        // SAFETY: both blocks are live, hence disjoint, and hold at least the bytes of the old payload,
        // which is not used again.
        unsafe {
            moved
                .cast::<u8>()
                .copy_from_nonoverlapping(payload.cast(), payload.len());
            self.free(block);
        }
        Ok(moved)
    }
}
