//! Freeing: find the block of a pointer, and put it into the list.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{Block, BlockState, Misuse, Source};

use crate::HEADER;
use crate::fit::Fit;
use crate::heap::FitHeap;
use crate::order::Order;

impl<S: Source, P: Fit, O: Order> FitHeap<S, P, O> {
    /// The used block whose payload begins at `payload`.
    ///
    /// # Errors
    ///
    /// What is wrong with the pointer, as far as headers tell. A pointer into a payload that
    /// happens to hold a header's bytes passes for a block's.
    #[inline]
    pub(crate) fn used_block(&self, payload: NonNull<u8>) -> Result<Block, Misuse> {
        let address = payload.addr().get().wrapping_sub(HEADER);
        match self.tiling.block_at(address) {
            Some(block) if block.state == BlockState::Used => Ok(block),
            Some(_) => Err(Misuse::DoubleFree),
            None => Err(self.diagnose(address)),
        }
    }

    /// Why no header was found at `address`. O(blocks).
    #[cold]
    fn diagnose(&self, address: usize) -> Misuse {
        let blocks = self.tiling.blocks();
        let end = blocks
            .last()
            .map_or(self.tiling.start(), |block| block.end());
        if end < self.tiling.end() && address >= end && address < self.tiling.end() {
            Misuse::CorruptHeader
        } else {
            Misuse::ForeignPointer
        }
    }

    /// Gives a block back, or says what is wrong with it.
    ///
    /// O(1) with [`Lifo`](crate::Lifo), O(free blocks) with [`AddressOrder`](crate::AddressOrder).
    ///
    /// # Errors
    ///
    /// [`Misuse`]; the heap is unchanged.
    ///
    /// # Safety
    ///
    /// If a used block of this heap begins at `block`, nobody uses its payload again.
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// let layout = Layout::new::<u64>();
    /// let block = heap.allocate(layout)?.cast();
    /// // SAFETY: the block is live; the second free is a mistake that is found.
    /// unsafe {
    ///     assert_eq!(heap.try_deallocate(block, layout), Ok(()));
    ///     assert_eq!(heap.try_deallocate(block, layout), Err(core_api::Misuse::DoubleFree));
    /// }
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    #[inline]
    pub unsafe fn try_deallocate(
        &mut self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), Misuse> {
        let used = self.used_block(block)?;
        if layout.size() > used.payload() {
            return Err(Misuse::CorruptHeader);
        }
        // SAFETY: a used block was found, and its caller gives it up.
        unsafe { self.release(used) };
        Ok(())
    }

    /// Gives a block back without its layout, or says what is wrong with it. Costs as
    /// [`try_deallocate`](Self::try_deallocate).
    ///
    /// # Errors
    ///
    /// [`Misuse`]; the heap is unchanged.
    ///
    /// # Safety
    ///
    /// As [`try_deallocate`](Self::try_deallocate).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<u64>())?.cast();
    /// // SAFETY: the block is live, and not used again.
    /// assert_eq!(unsafe { heap.try_free(block) }, Ok(()));
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    #[inline]
    pub unsafe fn try_free(&mut self, block: NonNull<u8>) -> Result<(), Misuse> {
        let used = self.used_block(block)?;
        // SAFETY: a used block was found, and its caller gives it up.
        unsafe { self.release(used) };
        Ok(())
    }

    /// Puts a used block into the list, where the order wants it.
    ///
    /// # Safety
    ///
    /// `used` is a used block of this heap, and nobody uses its payload again.
    #[inline]
    pub(crate) unsafe fn release(&mut self, used: Block) {
        let link = self.list.place::<O>(&self.tiling, used.address);
        // SAFETY: a used block is in no list (by I2), and its bytes are the heap's now.
        unsafe { self.insert_after(link, used.address, used.size) }
    }
}
