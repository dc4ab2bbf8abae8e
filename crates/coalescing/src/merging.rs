//! When free neighbours are merged: at once, or later.

use crate::{Granules, Offset};

/// When a heap merges a freed block with its free neighbours.
///
/// Sealed: [`Immediate`] and [`Deferred`] are all there is.
pub trait Merging: sealed::Sealed {
    /// Nothing deferred.
    #[doc(hidden)]
    const NEW: Self;

    /// Whether the merging of one more block of `size` granules may be deferred.
    #[doc(hidden)]
    fn may_defer(&self, size: Granules) -> bool;

    /// The blocks whose merging is deferred; `None` if none ever is.
    #[doc(hidden)]
    fn quick_lists(&mut self) -> Option<&mut QuickLists>;

    /// As [`quick_lists`](Self::quick_lists), to look at.
    #[doc(hidden)]
    fn peek(&self) -> Option<&QuickLists>;
}

/// Merges as soon as a block is freed: the same few steps for every free, whatever came before.
///
/// ```
/// use core::{alloc::Layout, mem::MaybeUninit};
/// use coalescing::{Heap, Immediate};
/// use core_api::{Allocator, Borrowed};
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut heap = Heap::<_, 8, Immediate>::new(Borrowed::new(&mut buffer));
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

/// Leaves small freed blocks as they are while the heap is roomy, for the next request of the same
/// size; merges them when no free block fits, or when there are too many.
///
/// The idea is that of Doug Lea's fast bins, with three differences: nothing is deferred unless more than
/// half of the heap is top, or it can grow, and then only a small part of it, so that a heap which becomes
/// tight is nearly as dense as one that merges at once; a program that frees block after block, and
/// asks for none, is taken to drop them for good; and what has waited is merged a few at a time.
///
/// ```
/// use core::{alloc::Layout, mem::MaybeUninit};
/// use coalescing::{Deferred, Heap};
/// use core_api::{Allocator, Borrowed};
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut heap = Heap::<_, 8, Deferred>::new(Borrowed::new(&mut buffer));
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

/// Lists of freed blocks, one for each small size, last in, first out.
#[derive(Debug)]
pub struct QuickLists {
    /// The block freed last of each size in granules; 0 is none.
    pub(crate) heads: [Offset; QuickLists::N_SIZES as usize],
    /// The size from which on blocks are merged next.
    cursor: Granules,
    /// Granules of all blocks together.
    pub(crate) granules: Granules,
    /// No more are deferred when there are more granules than this.
    pub(crate) limit: Granules,
    /// Where half of the heap lies behind.
    pub(crate) middle: Offset,
    /// How many blocks were deferred since the last request.
    pub(crate) n_in_a_row: u32,
}

impl QuickLists {
    /// Blocks of fewer granules can be deferred.
    pub(crate) const N_SIZES: Granules = u64::BITS;

    /// The most blocks that are deferred without a request in between.
    ///
    /// As many as there are sizes: one comparison tells whether both are below.
    pub(crate) const MAX_IN_A_ROW: u32 = Self::N_SIZES;

    /// The most blocks that a request merges in a tight heap before it looks elsewhere.
    pub(crate) const MAX_MERGED: u32 = 16;

    /// Of a heap that cannot grow, at most about one part in so many is deferred.
    pub(crate) const SHARE: Granules = 128;

    /// The same of a heap that can: what is in the way of a request costs more memory, but no
    /// failure.
    pub(crate) const SHARE_IF_GROWING: Granules = 64;

    /// At most about so many granules are deferred, however large the heap is.
    pub(crate) const MAX_GRANULES: Granules = 1 << 14;

    const NEW: Self = Self {
        heads: [0; Self::N_SIZES as usize],
        cursor: 0,
        granules: 0,
        limit: 0,
        middle: 0,
        n_in_a_row: 0,
    };

    /// The size whose blocks are merged next, if there is any: they take turns.
    pub(crate) fn next_size(&mut self) -> Option<Granules> {
        if self.granules == 0 {
            return None;
        }
        while self.heads[(self.cursor % Self::N_SIZES) as usize] == 0 {
            self.cursor = (self.cursor + 1) % Self::N_SIZES;
        }
        Some(self.cursor)
    }

    /// Whether one more block of `size` granules may be deferred.
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
