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

    /// Takes a block of exactly `size` granules from a list or from the top.
    #[inline(never)]
    pub(crate) fn take_listed(&mut self, size: Granules) -> Option<Offset> {
        if size >= EXACT {
            return self.take_wide(size);
        }
        let found = self.first_from(bin_of(size));
        self.take_if_found(found, size)
    }

    /// As [`take_listed`](Self::take_listed), for a request whose bin has blocks of several sizes.
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
        // SAFETY: `found` came from a list (I5), and it is large enough.
        Some(unsafe { self.take_found(found, size) })
    }

    /// As [`take_listed`](Self::take_listed), for a request that no listed block fits.
    #[inline]
    fn take_unlisted(&mut self, size: Granules) -> Option<Offset> {
        if !self.is_tight() && size <= self.top_size() {
            // SAFETY: the condition says that the top is large enough.
            return Some(unsafe { self.take_top(size) });
        }
        self.take_any(size, GRANULE)
    }

    /// Takes the first `size` granules of a listed block; the rest stays free.
    ///
    /// # Safety
    ///
    /// `found` is in a list and has at least `size` granules.
    #[inline]
    pub(crate) unsafe fn take_found(&mut self, found: Found, size: Granules) -> Offset {
        // SAFETY: the block is in a list by the caller's promise. Once unlinked it belongs to no list, and its
        // rest lies between the new used block and the next block, whose previous-used bit is clear (I2).
        unsafe {
            self.unlink(found.block);
            self.regions.set_header(found.block, Header::used(size));
            self.give_rest(found.block + size, found.size - size);
        }
        found.block
    }

    /// As [`take_found`](Self::take_found), for a free block that may also be a pad or the top.
    ///
    /// # Safety
    ///
    /// `found` is a free block of at least `size` granules.
    pub(crate) unsafe fn take_free(&mut self, found: Found, size: Granules) -> Offset {
        // SAFETY: by the caller's promise the block is free and large enough; it is in a list if it has room
        // for links (I5).
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

    /// Returns the top, as a found block.
    pub(crate) fn found_top(&self) -> Found {
        Found {
            block: self.top,
            size: self.top_size(),
        }
    }

    /// Returns the granules of the top.
    #[inline]
    pub(crate) fn top_size(&self) -> Granules {
        self.end - self.top
    }

    /// Takes the first `size` granules of the top.
    ///
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

    /// Makes the `size` granules from `block` a free block between two used ones. If `size` is 0, only sets
    /// the previous-used bit of the next block.
    ///
    /// # Safety
    ///
    /// The granules belong to no block, and the block after them is used and has its
    /// previous-used bit clear.
    #[inline]
    pub(crate) unsafe fn give_rest(&mut self, block: Offset, size: Granules) {
        // SAFETY: by I1 a block or the end of the region follows, so there is a header; the caller's promise
        // is passed on.
        unsafe {
            if size == 0 {
                let next = self.regions.header(block);
                self.regions.set_header(block, next.after_used());
            } else {
                self.give(block, size);
            }
        }
    }

    /// Makes the `size` granules from `block` a free block, and puts the block in a list if it has room
    /// for links.
    ///
    /// # Safety
    ///
    /// The granules belong to no block; the blocks around them are used, and the one after them
    /// has its previous-used bit clear.
    #[inline]
    pub(crate) unsafe fn give(&mut self, block: Offset, size: Granules) {
        // SAFETY: by the caller's promise the granules belong to the heap and to no block, and a block follows.
        unsafe {
            self.regions.set_header(block, Header::free(size));
            self.regions.set_size_before(block + size, size);
            if Self::is_listed(size) {
                self.link(block, size);
            }
        }
    }

    /// Returns whether a free block of `size` granules has room for links.
    #[inline]
    pub(crate) const fn is_listed(size: Granules) -> bool {
        Self::MIN_SIZE <= 1 || size >= Self::MIN_SIZE
    }

    /// Frees the `size` granules from `block` and merges them with their free neighbours.
    ///
    /// `size` is a parameter because a caller may know it without the header: then the processor can load
    /// the next block's header before this block's header has arrived.
    ///
    /// # Safety
    ///
    /// Nothing uses the granules any more, and a block, the top or the end of the region follows them;
    /// `header` says whether the block before them is used.
    pub(crate) unsafe fn release(&mut self, block: Offset, size: Granules, header: Header) {
        let (mut block, mut size) = (block, size);
        let next = block + size;
        // SAFETY: by I1 and I2 the neighbours are blocks, and by I3 the one before has a footer.
        unsafe {
            if !header.is_previous_used() {
                // The stale header inside the merged block must not look like a used block's.
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
    /// Between `block` and the top there is no used block and no listed block.
    #[inline]
    pub(crate) unsafe fn lower_top(&mut self, block: Offset) {
        if S::ZEROED {
            self.fresh = self.fresh.max(self.top);
        }
        self.top = block;
        // SAFETY: the granules from `block` on belong to the top by the caller's promise.
        unsafe { self.regions.set_header(block, Header::TOP) };
    }
}
