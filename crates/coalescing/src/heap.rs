//! The heap: what it consists of, and sizes in granules.

use core::hint::select_unpredictable;

use core_api::Source;

use crate::bins::Bins;
use crate::header::Header;
use crate::merging::{Deferred, Merging};
use crate::regions::Regions;
use crate::{Granules, Offset};

/// A heap of blocks with boundary tags, in regions from `S`.
///
/// Every operation takes time that depends neither on the size of the heap nor on the number of
/// blocks. See the [crate's documentation](crate) for the picture and the invariants.
///
/// `GRANULE` is the unit of size and the smallest alignment in bytes: 8, or 16 for heaps that
/// serve C's `malloc`.
///
/// ```
/// use coalescing::CoalescingHeap;
/// use core::alloc::Layout;
/// use core::mem::MaybeUninit;
/// use core_api::{Allocator, Borrowed};
///
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
/// let block = heap.allocate(Layout::new::<[u64; 4]>())?;
/// assert_eq!(block.len(), 36, "five granules without the header");
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub struct CoalescingHeap<S: Source, const GRANULE: usize = 8, M: Merging = Deferred> {
    pub(crate) bins: Bins,
    /// The free block at the end of the last region. It is in no list.
    pub(crate) top: Offset,
    /// The end of the top.
    pub(crate) end: Offset,
    /// The high-water mark of I9: from the larger of `fresh` and `top` up to `end`, nothing was ever written.
    pub(crate) fresh: Offset,
    pub(crate) regions: Regions<S, GRANULE>,
    pub(crate) merging: M,
}

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Bytes of the smallest block: a header, two links and a footer.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::CoalescingHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<u8>())?;
    /// assert_eq!(block.len() + CoalescingHeap::<Borrowed<'_>>::HEADER, CoalescingHeap::<Borrowed<'_>>::MIN_BLOCK);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const MIN_BLOCK: usize = if GRANULE > 16 { GRANULE } else { 16 };

    /// Bytes of a header.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::CoalescingHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<[u64; 4]>())?;
    /// assert_eq!(block.len() + CoalescingHeap::<Borrowed<'_>>::HEADER, 40, "five granules");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const HEADER: usize = Regions::<S, GRANULE>::TAG;

    pub(crate) const MIN_SIZE: Granules = (Self::MIN_BLOCK / GRANULE) as Granules;

    pub(crate) const HEADS: Offset = Regions::<S, GRANULE>::HEADS;

    /// Returns an empty heap that asks `source` for memory at the first allocation. O(1).
    ///
    /// ```
    /// use core::mem::MaybeUninit;
    /// use coalescing::CoalescingHeap;
    /// use core_api::Borrowed;
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
    /// assert_eq!(heap.top_len(), 0, "nothing is asked for before it is needed");
    /// ```
    pub const fn new(source: S) -> Self {
        Self {
            bins: Bins::new(),
            top: 0,
            end: 0,
            fresh: 0,
            regions: Regions::new(source),
            merging: M::NEW,
        }
    }

    /// Returns the granules of a block for `size` bytes; `None` if the header cannot hold them.
    #[inline]
    pub(crate) fn granules(size: usize) -> Option<Granules> {
        let is_too_large = size / GRANULE > Header::MAX_SIZE as usize - 2;
        (!is_too_large).then(|| Self::granules_of_live(size))
    }

    /// As [`granules`](Self::granules), for the size of a live block, which fits in a header.
    #[inline]
    pub(crate) fn granules_of_live(size: usize) -> Granules {
        // The sum does not wrap: a `Layout`'s size is at most `isize::MAX`.
        let n = (size.wrapping_add(Self::HEADER + GRANULE - 1) / GRANULE) as Granules;
        // Without a branch: many requests are smaller than the smallest block, in no predictable pattern.
        select_unpredictable(n < Self::MIN_SIZE, Self::MIN_SIZE, n)
    }

    /// Returns the payload bytes of a block of `size` granules.
    #[inline]
    pub(crate) const fn payload(size: Granules) -> usize {
        (size as usize)
            .wrapping_mul(GRANULE)
            .wrapping_sub(Self::HEADER)
    }

    /// Returns the granules of the top.
    #[inline]
    pub(crate) fn top_size(&self) -> Granules {
        self.end - self.top
    }

    /// Returns whether a free block of `size` granules has room for links.
    #[inline]
    pub(crate) const fn is_listed(size: Granules) -> bool {
        Self::MIN_SIZE <= 1 || size >= Self::MIN_SIZE
    }
}
