//! The heap: stage 4 on a reservation, direct mappings beside it, and the maintenance that gives memory back.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::is_aligned;
use core_api::{AllocError, Misuse, Region, SizelessFree};

use crate::direct::DirectMappings;
use crate::mapping::Mapping;
use crate::reservation::{DEFAULT_RESERVATION, Reservation};
use crate::retention::{MOST_DIRECT, Retention, Tidied};

/// The smallest free block that maintenance purges.
const PURGED_HOLE: usize = 16 << 10;

/// From this number of direct mappings on, only the largest blocks get another one: a process may have only
/// a few ten thousand separate mappings.
const MOST_MAPPINGS: usize = 1024;

/// Stage 4's heap inside the reservation.
pub(crate) type Inner<const GRANULE: usize> =
    coalescing::CoalescingHeap<Reservation, GRANULE, coalescing::Deferred>;

/// A heap that asks the OS for memory as it grows and gives memory back as it shrinks.
///
/// Blocks are stage 4's, with payloads at multiples of `GRANULE` bytes (8 for Rust's layouts, 16
/// for C's `malloc`); each request above an adaptive threshold gets a mapping. The heap maps nothing before
/// the first allocation, so that a heap in a static costs nothing until then. A process can have any number
/// of heaps; dropping a heap unmaps all of its memory.
///
/// Errors: [`AllocError`] when the OS has no more memory (`ENOMEM`, `RLIMIT_AS`) or the reservation
/// is full. The heap is unchanged and stays usable.
///
/// Cost: allocate and free are O(1) in the heap, amortised over growth; a direct mapping takes a system call.
/// The bytes freed since the last maintenance pay for its system calls.
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

/// What a heap has mapped, in bytes. The numbers count neither requested nor resident bytes.
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
    /// The readable and writable part of the reservation.
    pub committed: usize,
    /// Bytes of the direct mappings.
    pub direct: usize,
    /// Bytes of the table of direct mappings.
    pub table: usize,
    /// Number of direct mappings.
    pub n_direct: usize,
}

impl Mapped {
    /// Returns the bytes that can be resident: committed, direct and table. O(1).
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
    /// Returns a heap that has mapped nothing yet and can grow to [`DEFAULT_RESERVATION`] bytes, not counting
    /// direct mappings. O(1).
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

    /// Returns what the heap has mapped at present. O(1).
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

    /// Returns the smallest request that gets a mapping of its own at present, in bytes. O(1).
    ///
    /// ```
    /// let heap = mmap_backed::MmapHeap::<8>::new();
    /// assert_eq!(heap.direct_from(), 128 << 10, "nothing learned yet");
    /// ```
    pub const fn direct_from(&self) -> usize {
        self.retention.direct_from()
    }

    /// Gives every whole free OS page back at once, and forgets what the heap learned about memory worth
    /// keeping. Returns an upper bound of the bytes given back: it also counts pages that were not resident.
    /// O(free blocks of a page or more), after merging the deferred blocks.
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

    /// Frees a block, or returns the mistake if it is not a live block of this heap.
    ///
    /// It checks all headers around the block, or the table of direct mappings;
    /// [`deallocate`](core_api::Allocator::deallocate) checks one header. O(1) amortised, and
    /// a system call for a direct mapping.
    ///
    /// ```
    /// use core_api::{Allocator, Misuse};
    /// let layout = core::alloc::Layout::new::<[u8; 1 << 20]>();
    /// let mut heap = mmap_backed::MmapHeap::<8>::new();
    /// let block = heap.allocate(layout)?.cast();
    /// // SAFETY: the block is live at the first call; the second is a mistake that the heap finds.
    /// let results = unsafe { [(); 2].map(|()| heap.try_deallocate(block, layout)) };
    /// assert_eq!(results, [Ok(()), Err(Misuse::ForeignPointer)]);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The [`Misuse`] that the heap found; nothing has changed.
    ///
    /// # Safety
    ///
    /// If `block` is live in this heap, `layout` fits it and the caller does not use it again.
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
        // SAFETY: by I1 the header's bytes are committed, so reading them is sound. The heap uses the size only
        // if `try_deallocate` finds the block live; then the caller's promise holds.
        let len = unsafe {
            let len = self.inner.usable_size(block);
            self.inner.try_deallocate(block, layout)?;
            len
        };
        self.freed(len);
        Ok(())
    }

    /// Returns whether the block lies in the reservation. If not, it can only be a direct mapping.
    #[inline]
    pub(crate) fn is_in_heap(&self, block: NonNull<u8>) -> bool {
        self.inner.source().contains(block.addr().get())
    }

    /// Returns whether there can be a header before `block`.
    fn has_header(&self, block: NonNull<u8>) -> bool {
        let address = block.addr().get();
        let before = address.wrapping_sub(GRANULE);
        is_aligned(address, GRANULE) && self.inner.contains(before) && self.inner.contains(address)
    }

    /// Counts freed payload bytes of the heap, and does maintenance once they have paid for it.
    #[inline]
    pub(crate) fn freed(&mut self, len: usize) {
        if self.retention.is_due_after(len) {
            self.tidy_slow();
        }
    }

    /// Allocates a small block in the heap by `in_heap`, and a large one as a direct mapping. If one way fails,
    /// tries the other.
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

    /// Maps a large block, unless the heap should keep such blocks or has many mappings already.
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

    /// Maps a block of a page or more because the heap is full.
    #[cold]
    fn map_instead_slow(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() < os::page_size() {
            return Err(AllocError);
        }
        self.direct.map(layout).map(Mapping::payload)
    }

    /// Frees a direct mapping; `size` is the size in the caller's layout.
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

    /// Does maintenance: trims the heap's end to the bytes worth keeping, and purges the larger free blocks
    /// if much of the heap is free.
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

    /// Purges the whole OS pages in free blocks of at least `min_len` bytes. Skips the block at the heap's
    /// end, which [`trim`](coalescing::CoalescingHeap::trim) gives back. Returns the numbers of blocks and of bytes.
    fn purge_holes(&self, min_len: usize) -> (usize, usize) {
        let top = self.inner.source().region().end() - self.inner.top_len();
        let (mut n_holes, mut bytes) = (0, 0);
        self.inner.for_each_free(min_len, &mut |hole: Region| {
            if hole.end() > top {
                return;
            }
            n_holes += 1;
            // SAFETY: `for_each_free` visits committed bytes on whose contents stage 4 does not depend.
            bytes += unsafe { os::purge(hole.base(), hole.len()) };
        });
        (n_holes, bytes)
    }
}

impl<const GRANULE: usize> Default for MmapHeap<GRANULE> {
    fn default() -> Self {
        Self::new()
    }
}
