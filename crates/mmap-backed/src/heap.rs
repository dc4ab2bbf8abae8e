//! The heap: stage 4 over a reservation, direct mappings beside it, and what goes back when.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{AllocError, Misuse, Region, SizelessFree};

use crate::direct::DirectMappings;
use crate::os::{self, Mapping};
use crate::reservation::{DEFAULT_RESERVATION, Reservation};
use crate::retention::{MOST_DIRECT, Retention, Tidied};

/// Free blocks smaller than this are left alone by the tidying that `deallocate` does.
const PURGED_HOLE: usize = 16 << 10;

/// With this many blocks that have a mapping of their own, others get none, but for the largest: each
/// mapping that lies alone is one of the few ten thousand that a process may have.
const MOST_MAPPINGS: usize = 1024;

/// Stage 4's heap inside the reservation.
pub(crate) type Inner<const GRANULE: usize> =
    coalescing::Heap<Reservation, GRANULE, coalescing::Deferred>;

/// A heap that gets its memory from the OS as it grows and gives it back as it shrinks.
///
/// Blocks are stage 4's, with payloads at multiples of `GRANULE` bytes (8 for Rust's layouts, 16
/// for C's `malloc`); requests above an adaptive threshold get a mapping each. Nothing is mapped
/// before the first allocation, so a heap costs a static nothing; any number of heaps can exist in
/// a process, and dropping one unmaps everything it had.
///
/// Errors: [`AllocError`] when the OS has no more memory (`ENOMEM`, `RLIMIT_AS`) or the reservation
/// is full. The heap is as before and goes on working.
///
/// Cost: allocate and free are O(1) in the heap, O(1) amortised over growth, and a system call for
/// a direct mapping. What `deallocate` gives back is paid for by the bytes freed since the last
/// time.
///
/// ```
/// use core::alloc::Layout;
/// use core_api::{Allocator, Inspect};
/// use mmap_backed::MmapHeap;
///
/// let mut heap = MmapHeap::<8>::new();
/// let small = heap.allocate(Layout::new::<[u64; 3]>())?;
/// let large = heap.allocate(Layout::new::<[u8; 1 << 20]>())?;
/// assert_eq!(heap.mapped().n_direct, 1);
/// // SAFETY: the two blocks are live and go back once, with their layouts.
/// unsafe {
///     heap.deallocate(small.cast(), Layout::new::<[u64; 3]>());
///     heap.deallocate(large.cast(), Layout::new::<[u8; 1 << 20]>());
/// }
/// assert_eq!(heap.mapped().n_direct, 0);
/// assert_eq!(heap.stats().n_used, 0);
/// # Ok::<(), core_api::AllocError>(())
/// ```
#[derive(Debug)]
pub struct MmapHeap<const GRANULE: usize = 8> {
    pub(crate) inner: Inner<GRANULE>,
    pub(crate) direct: DirectMappings,
    pub(crate) retention: Retention,
}

/// What a heap has mapped, in bytes. Neither requested bytes nor resident ones.
///
/// ```
/// use core_api::Allocator;
/// let mut heap = mmap_backed::MmapHeap::<8>::new();
/// heap.allocate(core::alloc::Layout::new::<u64>())?;
/// let mapped = heap.mapped();
/// assert!(0 < mapped.committed && mapped.committed <= mapped.reserved);
/// # Ok::<(), core_api::AllocError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// Address space of the reservation.
    pub reserved: usize,
    /// The part of it that is readable and writable.
    pub committed: usize,
    /// Direct mappings.
    pub direct: usize,
    /// The table of direct mappings.
    pub table: usize,
    /// Number of direct mappings.
    pub n_direct: usize,
}

impl Mapped {
    /// Bytes that can be resident: committed, direct and table. O(1).
    ///
    /// ```
    /// use mmap_backed::Mapped;
    /// let mapped = Mapped { committed: 4096, direct: 8192, ..Mapped::default() };
    /// assert_eq!(mapped.accessible(), 12288);
    /// ```
    pub const fn accessible(&self) -> usize {
        self.committed + self.direct + self.table
    }
}

impl<const GRANULE: usize> MmapHeap<GRANULE> {
    /// A heap that has mapped nothing yet and may grow to [`DEFAULT_RESERVATION`] bytes, direct
    /// mappings not counted. O(1).
    ///
    /// ```
    /// use mmap_backed::{Mapped, MmapHeap};
    /// assert_eq!(MmapHeap::<8>::new().mapped(), Mapped::default());
    /// ```
    pub const fn new() -> Self {
        Self::with_limit(DEFAULT_RESERVATION)
    }

    /// As [`new`](Self::new), with a reservation of at most `limit` bytes. O(1).
    ///
    /// ```
    /// use core_api::Allocator;
    /// let mut heap = mmap_backed::MmapHeap::<8>::with_limit(1 << 20);
    /// heap.allocate(core::alloc::Layout::new::<u64>())?;
    /// assert_eq!(heap.mapped().reserved, 1 << 20);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn with_limit(limit: usize) -> Self {
        Self {
            inner: Inner::new(Reservation::with_limit(limit)),
            direct: DirectMappings::new(),
            retention: Retention::new(),
        }
    }

    /// What the heap has mapped now. O(1).
    ///
    /// ```
    /// use core_api::Allocator;
    /// let mut heap = mmap_backed::MmapHeap::<8>::new();
    /// heap.allocate(core::alloc::Layout::new::<[u8; 1 << 20]>())?;
    /// assert_eq!(heap.mapped().direct, 1 << 20);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn mapped(&self) -> Mapped {
        Mapped {
            reserved: self.inner.source().reserved(),
            committed: self.inner.source().committed(),
            direct: self.direct.bytes(),
            table: self.direct.table().len(),
            n_direct: self.direct.count(),
        }
    }

    /// Requests of at least this many bytes get a mapping of their own, at present. O(1).
    ///
    /// ```
    /// let heap = mmap_backed::MmapHeap::<8>::new();
    /// assert_eq!(heap.direct_from(), 128 << 10, "nothing learned yet");
    /// ```
    pub const fn direct_from(&self) -> usize {
        self.retention.direct_from()
    }

    /// Gives every whole free OS page back now, forgets what the heap learned about memory worth
    /// keeping, and returns how many bytes went back at most (pages that were not resident count).
    /// O(free blocks of a page or more), once what was deferred is merged.
    ///
    /// ```
    /// use core_api::Allocator;
    /// let layout = core::alloc::Layout::new::<[u8; 60_000]>();
    /// let mut heap = mmap_backed::MmapHeap::<8>::new();
    /// let block = heap.allocate(layout)?.cast();
    /// // SAFETY: the block is live and not used again.
    /// unsafe { heap.deallocate(block, layout) };
    /// assert!(heap.purge() > 0);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn purge(&mut self) -> usize {
        self.retention.forget();
        let trimmed = self.inner.trim(0);
        let (_, purged) = self.purge_holes(os::page_size());
        trimmed + purged
    }

    /// Gives a block back, or says why it cannot be one of this heap's: all that the headers
    /// around it or the table of direct mappings can tell, where
    /// [`deallocate`](core_api::Allocator::deallocate) looks at one bit. O(1) amortised, and
    /// a system call for a direct mapping.
    ///
    /// ```
    /// use core_api::{Allocator, Misuse};
    /// let layout = core::alloc::Layout::new::<[u8; 1 << 20]>();
    /// let mut heap = mmap_backed::MmapHeap::<8>::new();
    /// let block = heap.allocate(layout)?.cast();
    /// // SAFETY: the block is live at the first call; the second is a mistake that is seen.
    /// let results = unsafe { [(); 2].map(|()| heap.try_deallocate(block, layout)) };
    /// assert_eq!(results, [Ok(()), Err(Misuse::ForeignPointer)]);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The [`Misuse`] that was seen; nothing has changed.
    ///
    /// # Safety
    ///
    /// If `block` is live in this heap, `layout` fits it and it is not used again.
    pub unsafe fn try_deallocate(
        &mut self,
        block: NonNull<u8>,
        layout: Layout,
    ) -> Result<(), Misuse> {
        if !self.is_in_heap(block) {
            // SAFETY: the caller's promise is passed on.
            return unsafe { self.unmap(block, layout.size()) };
        }
        if !self.has_header(block) {
            return Err(Misuse::ForeignPointer);
        }
        // SAFETY: by I1 the header's bytes are committed, whatever they hold; what they say counts
        // only if the block turns out to be live, as the caller promises.
        let len = unsafe {
            let len = self.inner.usable_size(block);
            self.inner.try_deallocate(block, layout)?;
            len
        };
        self.freed(len);
        Ok(())
    }

    /// Whether the block lies in the reservation; else it can only be a direct mapping.
    #[inline]
    pub(crate) fn is_in_heap(&self, block: NonNull<u8>) -> bool {
        self.inner.source().contains(block.addr().get())
    }

    /// Whether there can be a header before `block`.
    fn has_header(&self, block: NonNull<u8>) -> bool {
        let address = block.addr().get();
        let before = address.wrapping_sub(GRANULE);
        is_aligned(address, GRANULE) && self.inner.contains(before) && self.inner.contains(address)
    }

    /// Counts freed payload bytes of the heap and tidies when they have paid for it.
    #[inline]
    pub(crate) fn freed(&mut self, len: usize) {
        if self.retention.is_due_after(len) {
            self.tidy_slow();
        }
    }

    /// A block from the heap by `in_heap`, or a mapping of its own if it is large. Each stands in
    /// for the other when it has no memory left.
    #[inline]
    pub(crate) fn allocate_by(
        &mut self,
        layout: Layout,
        in_heap: impl Fn(&mut Inner<GRANULE>, Layout) -> Result<NonNull<[u8]>, AllocError>,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() >= self.retention.direct_from()
            && let Ok(mapping) = self.map_slow(layout)
        {
            return Ok(mapping.payload());
        }
        match in_heap(&mut self.inner, layout) {
            Ok(block) => {
                self.retention.allocated(block.len());
                Ok(block)
            }
            Err(AllocError) => self.map_instead_slow(layout),
        }
    }

    /// A mapping for a large block, unless such blocks should stay in the heap, or there are many
    /// mappings already.
    #[cold]
    fn map_slow(&mut self, layout: Layout) -> Result<Mapping, AllocError> {
        self.retention.wanted(layout.size());
        let stays = layout.size() < self.retention.direct_from();
        let are_many = self.direct.count() >= MOST_MAPPINGS && layout.size() < MOST_DIRECT;
        match stays || are_many {
            true => Err(AllocError),
            false => self.direct.map(layout),
        }
    }

    /// The heap is full: blocks of a page or more can still have their own.
    #[cold]
    fn map_instead_slow(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() < os::page_size() {
            return Err(AllocError);
        }
        self.direct.map(layout).map(Mapping::payload)
    }

    /// Frees a direct mapping; `size` is what the caller believes it to have.
    #[cold]
    pub(crate) unsafe fn unmap(&mut self, block: NonNull<u8>, size: usize) -> Result<(), Misuse> {
        let address = block.addr().get();
        let mapping = self.direct.get(address).ok_or(Misuse::ForeignPointer)?;
        if size > mapping.len() {
            return Err(Misuse::CorruptHeader);
        }
        // SAFETY: the caller's promise is passed on.
        let len = unsafe { self.direct.unmap(address)? };
        self.retention.unmapped(len);
        Ok(())
    }

    /// Trims the heap's end to what is worth keeping, and purges the larger free blocks within if
    /// much of the heap is free.
    // ANCHOR: tidy
    #[cold]
    fn tidy_slow(&mut self) {
        self.retention.grew_to(self.inner.source().committed());
        let trimmed = self.inner.trim(self.retention.kept());
        let (top, committed) = (self.inner.top_len(), self.inner.source().committed());
        let purges = match self.retention.is_sparse(committed, top) {
            true => self.purge_holes(PURGED_HOLE).0,
            false => 0,
        };
        self.retention.tidied(Tidied {
            trimmed,
            committed,
            purges,
        });
    }
    // ANCHOR_END: tidy

    /// Purges the whole OS pages in free blocks of at least `min_len` bytes, but not in the one at
    /// the heap's end, which is [trimmed](coalescing::Heap::trim); returns how many blocks and
    /// bytes that were.
    fn purge_holes(&self, min_len: usize) -> (usize, usize) {
        let top = self.inner.source().region().end() - self.inner.top_len();
        let (mut n_holes, mut bytes) = (0, 0);
        self.inner.for_each_free(min_len, &mut |hole: Region| {
            if hole.end() > top {
                return;
            }
            n_holes += 1;
            // SAFETY: the inside of a free block holds nothing that is needed.
            bytes += unsafe { os::purge(hole.base().as_ptr(), hole.len()) };
        });
        (n_holes, bytes)
    }
}

impl<const GRANULE: usize> Default for MmapHeap<GRANULE> {
    fn default() -> Self {
        Self::new()
    }
}
