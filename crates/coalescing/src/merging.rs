//! The two times to merge free neighbours: at once, or later.

use crate::{Granules, Offset};

/// The time when a heap merges a freed block with its free neighbours.
///
/// The trait is sealed: only [`Immediate`] and [`Deferred`] implement it.
pub trait Merging: sealed::Sealed {
    /// The state of a new heap, which has deferred nothing.
    #[doc(hidden)]
    const NEW: Self;

    /// Returns whether the heap may defer the merging of one more block of `size` granules.
    #[doc(hidden)]
    fn may_defer(&self, size: Granules) -> bool;

    /// Returns the lists of deferred blocks; `None` if the heap never defers.
    #[doc(hidden)]
    fn quick_lists(&mut self) -> Option<&mut QuickLists>;

    /// As [`quick_lists`](Self::quick_lists), for reading only.
    #[doc(hidden)]
    fn peek(&self) -> Option<&QuickLists>;
}

/// Merges a block as soon as the program frees it: every free takes the same few steps.
///
/// ```
/// use core::{alloc::Layout, mem::MaybeUninit};
/// use coalescing::{CoalescingHeap, Immediate};
/// use core_api::{Allocator, Borrowed};
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut heap = CoalescingHeap::<_, 8, Immediate>::new(Borrowed::new(&mut buffer));
/// let layout = Layout::new::<[u64; 4]>();
/// let blocks = [heap.allocate(layout)?.cast(), heap.allocate(layout)?.cast::<u8>()];
/// for block in blocks {
///     // SAFETY: the block is live.
///     unsafe { heap.deallocate(block, layout) };
/// }
/// assert_eq!(heap.allocate(Layout::new::<[u64; 8]>())?.cast(), blocks[0], "one hole");
/// # Ok::<(), core_api::AllocError>(())
/// ```
#[derive(Debug)]
pub struct Immediate;

/// Defers the merging of small freed blocks while the heap is roomy, so that the next request of the same
/// size can reuse them. Merges them when no free block fits a request.
///
/// The idea is that of Doug Lea's fast bins, with three differences:
///
/// - The heap defers nothing unless more than half of it is top, or it can grow; and then only a small part
///   of it. So a heap that becomes tight is nearly as dense as one that merges at once.
/// - After the heap has deferred 64 blocks without a request in between, it assumes that the program drops its
///   blocks for good: it defers no more, and each further free merges one waiting block.
/// - The heap merges the waiting blocks a few at a time.
///
/// ```
/// use core::{alloc::Layout, mem::MaybeUninit};
/// use coalescing::{Deferred, CoalescingHeap};
/// use core_api::{Allocator, Borrowed};
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut heap = CoalescingHeap::<_, 8, Deferred>::new(Borrowed::new(&mut buffer));
/// let layout = Layout::new::<[u64; 4]>();
/// let blocks = [heap.allocate(layout)?.cast(), heap.allocate(layout)?.cast::<u8>()];
/// // SAFETY: the block is live.
/// unsafe { heap.deallocate(blocks[0], layout) };
/// assert_ne!(heap.allocate(Layout::new::<u8>())?.cast(), blocks[0], "it is not cut up");
/// assert_eq!(heap.allocate(layout)?.cast(), blocks[0], "it waits for its size");
/// # Ok::<(), core_api::AllocError>(())
/// ```
#[derive(Debug)]
pub struct Deferred(QuickLists);

/// The lists of deferred blocks: one for each small size, last in, first out.
#[derive(Debug)]
pub struct QuickLists {
    /// For each size in granules, the deferred block freed last; 0 if there is none.
    pub(crate) heads: [Offset; QuickLists::N_SIZES as usize],
    /// The size at which the search for the next block to merge begins.
    cursor: Granules,
    /// The sum of all deferred blocks' granules.
    pub(crate) granules: Granules,
    /// The heap defers no more blocks while `granules` is above this limit.
    pub(crate) limit: Granules,
    /// The offset behind which half of the heap lies.
    pub(crate) middle: Offset,
    /// The number of blocks deferred since the last request.
    pub(crate) n_in_a_row: u32,
}

impl QuickLists {
    /// The number of lists: the heap defers only blocks of fewer granules than this.
    pub(crate) const N_SIZES: Granules = u64::BITS;

    /// The most blocks that the heap defers between two requests.
    ///
    /// Equal to [`N_SIZES`](Self::N_SIZES), so that one comparison checks both the size and this count.
    pub(crate) const MAX_IN_A_ROW: u32 = Self::N_SIZES;

    /// The most blocks that a request in a tight heap merges before it searches.
    pub(crate) const MAX_MERGED: u32 = 16;

    /// A heap that cannot grow defers at most about 1/128 of its granules.
    pub(crate) const SHARE: Granules = 128;

    /// A heap that can grow defers at most about 1/64 of its granules: if deferred blocks are in the way of
    /// a request, the heap grows and the request does not fail.
    pub(crate) const SHARE_IF_GROWING: Granules = 64;

    /// The largest limit: a heap of any size defers at most this many granules and one block more.
    pub(crate) const MAX_GRANULES: Granules = 1 << 14;

    const NEW: Self = Self {
        heads: [0; Self::N_SIZES as usize],
        cursor: 0,
        granules: 0,
        limit: 0,
        middle: 0,
        n_in_a_row: 0,
    };

    /// Returns a size with a block to merge, if there is one. Merges all blocks of a size before it moves on
    /// to the next size.
    pub(crate) fn next_size(&mut self) -> Option<Granules> {
        if self.granules == 0 {
            return None;
        }
        while self.heads[(self.cursor % Self::N_SIZES) as usize] == 0 {
            self.cursor = (self.cursor + 1) % Self::N_SIZES;
        }
        Some(self.cursor)
    }

    /// Returns whether the heap may defer one more block of `size` granules.
    #[inline]
    fn has_room(&self, size: Granules) -> bool {
        size.max(self.n_in_a_row) < Self::N_SIZES && self.granules <= self.limit
    }
}

impl Merging for Immediate {
    const NEW: Self = Self;

    #[inline(always)]
    fn may_defer(&self, _size: Granules) -> bool {
        false
    }

    #[inline(always)]
    fn quick_lists(&mut self) -> Option<&mut QuickLists> {
        None
    }

    #[inline(always)]
    fn peek(&self) -> Option<&QuickLists> {
        None
    }
}

impl Merging for Deferred {
    const NEW: Self = Self(QuickLists::NEW);

    #[inline(always)]
    fn may_defer(&self, size: Granules) -> bool {
        self.0.has_room(size)
    }

    #[inline(always)]
    fn quick_lists(&mut self) -> Option<&mut QuickLists> {
        Some(&mut self.0)
    }

    #[inline(always)]
    fn peek(&self) -> Option<&QuickLists> {
        Some(&self.0)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Immediate {}
    impl Sealed for super::Deferred {}
}
