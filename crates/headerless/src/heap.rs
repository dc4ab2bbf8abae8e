//! The heap: what it consists of, and sizes in granules.

use core::fmt;
use core::hint::select_unpredictable;

use coalescing::bins::{Bins, smallest_of};
use core_api::{Growth, Region, Source};

use crate::memory::Memory;
use crate::{GRANULE, Granules, Offset};

/// A heap in one region from `S`, whose used blocks hold only the caller's bytes.
///
/// The time of every operation depends neither on the size of the heap nor on the number of blocks. The one
/// exception is the first request, which clears the edge bits: 1/128 of the region. See the [crate's
/// documentation](crate) for the picture and the invariants.
///
/// ```
/// use core::alloc::Layout;
/// use core::mem::MaybeUninit;
/// use core_api::{Allocator, Borrowed};
/// use headerless::HeaderlessHeap;
///
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut heap = HeaderlessHeap::new(Borrowed::new(&mut buffer));
/// let first = heap.allocate(Layout::new::<[u64; 4]>())?.cast::<u8>();
/// let second = heap.allocate(Layout::new::<[u64; 4]>())?.cast::<u8>();
/// assert_eq!(second.addr().get() - first.addr().get(), 32, "nothing lies between them");
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub struct HeaderlessHeap<S: Source> {
    pub(crate) bins: Bins,
    /// The first granule of the first block.
    pub(crate) first: Offset,
    /// The free block at the end. It is in no list.
    pub(crate) top: Offset,
    /// The end of the top.
    pub(crate) end: Offset,
    pub(crate) memory: Memory,
    pub(crate) region: Region,
    pub(crate) source: S,
}

impl<S: Source> HeaderlessHeap<S> {
    /// Bytes of the smallest block.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use headerless::HeaderlessHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap = HeaderlessHeap::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<u8>())?;
    /// assert_eq!(block.len(), HeaderlessHeap::<Borrowed<'_>>::MIN_BLOCK);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const MIN_BLOCK: usize = MIN_SIZE as usize * GRANULE;

    /// Returns an empty heap that asks `source` for its region at the first allocation. O(1).
    ///
    /// ```
    /// use core::mem::MaybeUninit;
    /// use headerless::HeaderlessHeap;
    /// use core_api::Borrowed;
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let heap = HeaderlessHeap::new(Borrowed::new(&mut buffer));
    /// assert_eq!(heap.top_len(), 0, "nothing is asked for before it is needed");
    /// ```
    ///
    /// A source that can grow does not compile, because the heap lays out the edge bits only once.
    ///
    /// ```compile_fail
    /// # use core_api::{Region, Source};
    /// struct Banks;
    /// // SAFETY: it returns no region.
    /// unsafe impl Source for Banks {
    ///     fn acquire(&mut self, _: usize) -> Option<Region> { None }
    /// }
    /// headerless::HeaderlessHeap::new(Banks);
    /// ```
    pub const fn new(source: S) -> Self {
        const { assert!(matches!(S::GROWTH, Growth::Never), "the region is final") };
        Self {
            bins: Bins::new(),
            first: 0,
            top: 0,
            end: 0,
            memory: Memory::EMPTY,
            region: Region::EMPTY,
            source,
        }
    }

    /// Returns the granules of a block for `size` bytes; `None` if an offset cannot count them.
    #[inline]
    pub(crate) fn granules(size: usize) -> Option<Granules> {
        // The sum does not wrap: a `Layout`'s size is at most `isize::MAX`.
        let n = Granules::try_from(size.wrapping_add(GRANULE - 1) / GRANULE).ok()?;
        Some(select_unpredictable(n < MIN_SIZE, MIN_SIZE, n))
    }

    /// Returns the granules of the top.
    #[inline]
    pub(crate) fn top_size(&self) -> Granules {
        self.end - self.top
    }

    /// Returns the bytes of the top, at the end of the heap. O(1).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use headerless::HeaderlessHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap = HeaderlessHeap::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u8>())?;
    /// let before = heap.top_len();
    /// heap.allocate(Layout::new::<[u64; 4]>())?;
    /// assert_eq!(before - heap.top_len(), 32, "no header");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn top_len(&self) -> usize {
        self.top_size() as usize * GRANULE
    }

    /// Returns a size for which the next allocation with an alignment of at most 8 succeeds; 0 if there is
    /// none, or before the first allocation. O(1).
    ///
    /// A block counts as the smallest size of its bin.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use headerless::HeaderlessHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap = HeaderlessHeap::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u8>())?;
    /// let all = Layout::array::<u8>(heap.largest_free()).unwrap();
    /// heap.allocate(all)?;
    /// assert_eq!(heap.largest_free(), 0, "that was all there was");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn largest_free(&self) -> usize {
        let listed = self.bins.last().map_or(0, smallest_of);
        let largest = listed.max(self.top_size());
        match largest < MIN_SIZE {
            true => 0,
            false => largest as usize * GRANULE,
        }
    }

    /// Returns the address of a granule.
    pub(crate) fn address_of(&self, block: Offset) -> usize {
        self.memory.address_of(block)
    }
}

/// Granules of the smallest used block, and of the smallest free block in a list.
pub(crate) const MIN_SIZE: Granules = 2;

impl<S: Source> fmt::Debug for HeaderlessHeap<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeaderlessHeap")
            .field("top_len", &self.top_len())
            .field("largest_free", &self.largest_free())
            .finish_non_exhaustive()
    }
}

impl<S: Source> Drop for HeaderlessHeap<S> {
    /// Gives the region back, if the source can take it.
    fn drop(&mut self) {
        if S::CAN_RELEASE && !self.region.is_empty() {
            // SAFETY: the heap is dropped, so nothing uses it or its blocks again; the region is the one that the
            // source returned.
            unsafe { self.source.release(self.region) }
        }
    }
}
