//! The heap: what it consists of, and its settings.

use core::marker::PhantomData;

use core_api::Source;

use crate::fit::Fit;
use crate::free_list::{END, FreeList};
use crate::order::{Lifo, Order};
use crate::tiling::Tiling;
use crate::{MIN_BLOCK, SPLIT_THRESHOLD};

/// A heap that searches its free list by the policy `P`.
///
/// It takes one region from `S`, on the first allocation, and keeps its free list in the order
/// `O`. The crate's documentation draws the blocks and states the invariants.
///
/// ```
/// use core::alloc::Layout;
/// use core_api::{Allocator, StaticHeap};
/// use fit_strategies::{BestFit, FitHeap};
///
/// static MEMORY: StaticHeap = StaticHeap::new();
/// let mut heap = FitHeap::<_, BestFit>::new(&MEMORY);
/// let block = heap.allocate(Layout::new::<[u8; 100]>())?;
/// assert_eq!(block.len(), 104, "whole granules");
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub struct FitHeap<S: Source, P: Fit, O: Order = Lifo> {
    pub(crate) tiling: Tiling,
    pub(crate) list: FreeList,
    pub(crate) split_threshold: usize,
    pub(crate) policy: P,
    pub(crate) source: S,
    order: PhantomData<O>,
}

impl<S: Source, P: Fit, O: Order> FitHeap<S, P, O> {
    /// A heap over what `source` will hand out on the first allocation.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// assert_eq!(heap.free_bytes(), 0, "no region yet");
    /// assert!(heap.allocate(Layout::new::<u64>()).is_ok());
    /// ```
    pub const fn new(source: S) -> Self {
        Self::with_split_threshold(source, SPLIT_THRESHOLD)
    }

    /// As [`new`](Self::new), with a split threshold in bytes, at least 16.
    ///
    /// A block is cut if what is left over has at least that many bytes, and is handed out whole
    /// otherwise: up to `threshold - 1` bytes more than requested (internal fragmentation)
    /// instead of a free block that may be too small for anything (external fragmentation).
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::with_split_threshold(Borrowed::new(&mut buffer), 64);
    /// let block = heap.allocate(Layout::new::<[u8; 200]>())?;
    /// assert!(block.len() > 200, "no cut: it would leave less than 64 bytes");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn with_split_threshold(source: S, threshold: usize) -> Self {
        Self {
            tiling: Tiling::EMPTY,
            list: FreeList::EMPTY,
            policy: P::NEW,
            source,
            split_threshold: if threshold < MIN_BLOCK {
                MIN_BLOCK
            } else {
                threshold
            },
            order: PhantomData,
        }
    }

    /// The policy, for what it knows ([`Counting`](crate::Counting)).
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// assert_eq!(heap.policy(), &FirstFit);
    /// ```
    pub const fn policy(&self) -> &P {
        &self.policy
    }

    /// Bytes of a remainder from which on a block is cut.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// assert!(heap.split_threshold() >= 16);
    /// ```
    pub const fn split_threshold(&self) -> usize {
        self.split_threshold
    }

    /// Returns the address of the block behind which the next roving search begins; `None` at the list's start. Only
    /// a policy that is [roving](Fit::ROVING) moves it.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FitHeap, NextFit};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, NextFit>::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u64>())?;
    /// assert_eq!(heap.rover(), None, "the rest of the only block is first in the list");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn rover(&self) -> Option<usize> {
        match self.list.rover() {
            END => None,
            address => Some(address),
        }
    }

    /// Bytes of all free blocks, headers included.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, FirstFit>::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u64>())?;
    /// let before = heap.free_bytes();
    /// heap.allocate(Layout::new::<u64>())?;
    /// assert_eq!(heap.free_bytes(), before - 16, "eight bytes and a header");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn free_bytes(&self) -> usize {
        self.list.bytes()
    }

    /// # Safety
    ///
    /// As [`FreeList::insert_after`].
    #[inline]
    pub(crate) unsafe fn insert_after(&mut self, link: usize, address: usize, size: usize) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.list.insert_after(&self.tiling, link, address, size) }
    }
}

impl<S: Source, P: Fit, O: Order> Drop for FitHeap<S, P, O> {
    /// Gives the region back to a source that takes it.
    fn drop(&mut self) {
        if S::CAN_RELEASE && !self.tiling.region().is_empty() {
            // SAFETY: the region is as the source returned it; no block outlives the heap.
            unsafe { self.source.release(self.tiling.region()) }
        }
    }
}
