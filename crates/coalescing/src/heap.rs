//! Allocating and freeing: find, split, coalesce.

use core::hint::select_unpredictable;

use core_api::Source;

use crate::bins::{Bins, EXACT, bin_of};
use crate::header::Header;
use crate::lists::{Found, MAX_PROBES};
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
/// use coalescing::Heap;
/// use core::alloc::Layout;
/// use core::mem::MaybeUninit;
/// use core_api::{Allocator, Borrowed};
///
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
/// let block = heap.allocate(Layout::new::<[u64; 4]>())?;
/// assert_eq!(block.len(), 36, "five granules without the header");
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub struct Heap<S: Source, const GRANULE: usize = 8, M: Merging = Deferred> {
    pub(crate) bins: Bins,
    /// The free block at the end of the last region. It is in no list.
    pub(crate) top: Offset,
    /// Where the top ends.
    pub(crate) end: Offset,
    /// Nothing was written from here to `end`, unless it lies below the top's payload.
    pub(crate) fresh: Offset,
    pub(crate) regions: Regions<S, GRANULE>,
    pub(crate) merging: M,
}

impl<S: Source, const GRANULE: usize, M: Merging> Heap<S, GRANULE, M> {
    /// Bytes of the smallest block: a header, two links and a footer.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<u8>())?;
    /// assert_eq!(block.len() + Heap::<Borrowed<'_>>::HEADER, Heap::<Borrowed<'_>>::MIN_BLOCK);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const MIN_BLOCK: usize = if GRANULE > 16 { GRANULE } else { 16 };

    /// Bytes of a header.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<[u64; 4]>())?;
    /// assert_eq!(block.len() + Heap::<Borrowed<'_>>::HEADER, 40, "five granules");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const HEADER: usize = Regions::<S, GRANULE>::TAG;

    pub(crate) const MIN_SIZE: Granules = (Self::MIN_BLOCK / GRANULE) as Granules;

    pub(crate) const HEADS: Offset = Regions::<S, GRANULE>::HEADS;

    /// An empty heap that asks `source` for memory at the first allocation. O(1).
    ///
    /// ```
    /// use core::mem::MaybeUninit;
    /// use coalescing::Heap;
    /// use core_api::Borrowed;
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
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

    /// The granules of a block for `size` bytes; `None` if the header cannot hold them.
    #[inline]
    pub(crate) fn granules(size: usize) -> Option<Granules> {
        let is_too_large = size / GRANULE > Header::MAX_SIZE as usize - 2;
        (!is_too_large).then(|| Self::granules_of_live(size))
    }

    /// As [`granules`](Self::granules), for the size of a live block, which a header holds.
    #[inline]
    pub(crate) fn granules_of_live(size: usize) -> Granules {
        // A `Layout`'s size leaves room for the sum.
        let n = (size.wrapping_add(Self::HEADER + GRANULE - 1) / GRANULE) as Granules;
        // Many requests are smaller than a block can be, and no branch predictor knows which.
        select_unpredictable(n < Self::MIN_SIZE, Self::MIN_SIZE, n)
    }

    /// The bytes that the caller of a block of `size` granules gets.
    #[inline]
    pub(crate) const fn payload(size: Granules) -> usize {
        (size as usize)
            .wrapping_mul(GRANULE)
            .wrapping_sub(Self::HEADER)
    }

    /// A block of exactly `size` granules, from a list or from the top.
    #[inline(never)]
    pub(crate) fn take_listed(&mut self, size: Granules) -> Option<Offset> {
        if size >= EXACT {
            return self.take_wide(size);
        }
        let found = self.first_from(bin_of(size));
        self.take_if_found(found, size)
    }

    /// As [`take_listed`](Self::take_listed), where the request's own bin has blocks of several sizes.
    #[inline(never)]
    fn take_wide(&mut self, size: Granules) -> Option<Offset> {
        let found = self.find(size, MAX_PROBES);
        self.take_if_found(found, size)
    }

    #[inline]
    fn take_if_found(&mut self, found: Found, size: Granules) -> Option<Offset> {
        if found.size < size {
            return self.take_unlisted(size);
        }
        // SAFETY: what was found is in a list (I5), and large enough.
        Some(unsafe { self.take_found(found, size) })
    }

    /// As [`take_listed`](Self::take_listed), where no list has a fitting block.
    #[inline]
    fn take_unlisted(&mut self, size: Granules) -> Option<Offset> {
        if !self.is_tight() && size <= self.top_size() {
            // SAFETY: the top is large enough.
            return Some(unsafe { self.take_top(size) });
        }
        self.take_any(size, GRANULE)
    }

    /// # Safety
    ///
    /// `found` is in a list and has at least `size` granules.
    #[inline]
    pub(crate) unsafe fn take_found(&mut self, found: Found, size: Granules) -> Offset {
        // SAFETY: the block is in a list by the caller's promise; from then on it is ours, and
        // what is left of it is cut off behind.
        unsafe {
            self.unlink(found.block);
            self.regions.set_header(found.block, Header::used(size));
            self.give_rest(found.block + size, found.size - size);
        }
        found.block
    }

    /// As [`take_found`](Self::take_found), for a block that may also be a pad or the top.
    ///
    /// # Safety
    ///
    /// `found` is a free block of at least `size` granules.
    pub(crate) unsafe fn take_free(&mut self, found: Found, size: Granules) -> Offset {
        // SAFETY: the caller's promise; a block is in a list if it has room for links (I5).
        unsafe {
            if found.block == self.top {
                return self.take_top(size);
            }
            if Self::is_listed(found.size) {
                return self.take_found(found, size);
            }
            self.give_rest(found.block + size, found.size - size);
        }
        found.block
    }

    /// The top, as a block that can be taken.
    pub(crate) fn found_top(&self) -> Found {
        Found {
            block: self.top,
            size: self.top_size(),
        }
    }

    /// The granules of the top.
    #[inline]
    pub(crate) fn top_size(&self) -> Granules {
        self.end - self.top
    }

    /// # Safety
    ///
    /// The top has at least `size` granules.
    #[inline]
    pub(crate) unsafe fn take_top(&mut self, size: Granules) -> Offset {
        let block = self.top;
        self.top = block + size;
        // SAFETY: by I8 the top reaches to the end of the region, where a header still fits.
        unsafe {
            self.regions.set_header(self.top, Header::TOP);
            self.regions.set_header(block, Header::used(size));
        }
        block
    }

    /// Makes the `size` granules from `block`, which follow a used block and come before a used
    /// one, a free block; nothing to do for `size` 0 but to tell the next block.
    ///
    /// # Safety
    ///
    /// The granules belong to no block, and the block after them is used and has its
    /// previous-used bit clear.
    #[inline]
    pub(crate) unsafe fn give_rest(&mut self, block: Offset, size: Granules) {
        // SAFETY: by I1 a block follows, if only the end of the region.
        unsafe {
            if size == 0 {
                let next = self.regions.header(block);
                self.regions.set_header(block, next.after_used());
            } else {
                self.give(block, size);
            }
        }
    }

    /// Makes the `size` granules from `block` a free block and puts it in a list if it has room
    /// for links.
    ///
    /// # Safety
    ///
    /// The granules belong to no block; the blocks around them are used, and the one after them
    /// has its previous-used bit clear.
    #[inline]
    pub(crate) unsafe fn give(&mut self, block: Offset, size: Granules) {
        // SAFETY: the granules are the heap's by the caller's promise.
        unsafe {
            self.regions.set_header(block, Header::free(size));
            self.regions.set_size_before(block + size, size);
            if Self::is_listed(size) {
                self.link(block, size);
            }
        }
    }

    /// Whether a free block of `size` granules has room for links.
    #[inline]
    pub(crate) const fn is_listed(size: Granules) -> bool {
        Self::MIN_SIZE <= 1 || size >= Self::MIN_SIZE
    }

    /// Frees the `size` granules from `block` and merges them with their free neighbours.
    ///
    /// Who knows the size without the header saves the wait for it: the neighbour behind is asked
    /// at the same time.
    ///
    /// # Safety
    ///
    /// `block` names granules that nobody uses any more, with a block before and one after;
    /// `header` tells whether the one before is used.
    pub(crate) unsafe fn release(&mut self, block: Offset, size: Granules, header: Header) {
        let (mut block, mut size) = (block, size);
        let next = block + size;
        // SAFETY: by I1 and I2 the neighbours are blocks, and by I3 the one before has a footer.
        unsafe {
            if !header.is_previous_used() {
                // What is left of the header must not look like that of a used block.
                self.regions.set_header(block, Header::TOP);
                let before = self.regions.size_before(block);
                block -= before;
                size += before;
                if Self::is_listed(before) {
                    self.unlink(block);
                }
            }
            let next_header = self.regions.header(next);
            if next_header.is_used() {
                self.regions.set_header(next, next_header.after_free());
            } else if next == self.top {
                return self.lower_top(block);
            } else {
                size += next_header.size();
                if Self::is_listed(next_header.size()) {
                    self.unlink(next);
                }
            }
            self.give(block, size);
        }
    }

    /// Merges everything from `block` on into the top.
    ///
    /// # Safety
    ///
    /// Between `block` and the top nothing is used or in a list.
    #[inline]
    pub(crate) unsafe fn lower_top(&mut self, block: Offset) {
        if S::ZEROED {
            self.fresh = self.fresh.max(self.top);
        }
        self.top = block;
        // SAFETY: the granules from `block` on are the top's.
        unsafe { self.regions.set_header(block, Header::TOP) };
    }
}
