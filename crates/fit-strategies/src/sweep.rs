//! The fragmentation sweep: merging free neighbours the expensive way.

use core_api::{BlockState, Misuse, Source, fatal};

use crate::fit::Fit;
use crate::free_list::{END, FreeList};
use crate::heap::FitHeap;
use crate::order::Order;

impl<S: Source, P: Fit, O: Order> FitHeap<S, P, O> {
    /// Merges every run of adjacent free blocks into one, and sorts the list by address. O(blocks).
    ///
    /// Happens by itself when a request fails with enough free bytes; calling it in an idle
    /// moment saves that request the time.
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// let layout = Layout::new::<[u8; 56]>();
    /// let blocks = [(); 2].map(|()| heap.allocate(layout).map(|block| block.cast()));
    /// for block in blocks {
    ///     // SAFETY: the block is live, and not used again.
    ///     unsafe { heap.deallocate(block?, layout) };
    /// }
    /// heap.sweep();
    /// assert!(heap.allocate(Layout::new::<[u8; 120]>()).is_ok(), "of two holes one");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn sweep(&mut self) {
        let (mut list, mut link) = (FreeList::EMPTY, END);
        let mut address = self.tiling.start();
        while let Some(block) = self.tiling.block_at(address) {
            address = block.end();
            if block.state == BlockState::Used {
                continue;
            }
            address = self.end_of_run(address);
            // SAFETY: the run consists of free blocks, and `list` holds blocks before it only.
            unsafe { list.insert_after(&self.tiling, link, block.address, address - block.address) }
            link = block.address;
        }
        if address != self.tiling.end() {
            fatal(Misuse::CorruptHeader);
        }
        self.list = list;
    }

    /// Address one past the free blocks that follow each other from `address` on.
    fn end_of_run(&self, mut address: usize) -> usize {
        while let Some(block) = self.tiling.block_at(address)
            && block.state == BlockState::Free
        {
            address = block.end();
        }
        address
    }
}
