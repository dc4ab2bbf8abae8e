//! The heap: blocks that tile it, the list of the free ones, and the end that is still untouched.

use core::fmt;
use core::ptr::NonNull;

use core_api::align::{is_aligned, padding, round_down, round_up};
use core_api::{AllocError, Growth, Misuse, Region, Source, StaticHeap};

use crate::header::{GRANULE, HEADER, Header, MIN_BLOCK, State};

/// The link of the last free block: no block is at address 0.
pub(crate) const NONE: usize = 0;

/// A heap with `free()`, over the memory of `S`, which is asked for it on the first allocation.
///
/// ```
/// use core::alloc::Layout;
/// use core_api::{Allocator, StaticHeap};
/// use freelist::FreeList;
///
/// static HEAP: StaticHeap = StaticHeap::new();
/// let mut heap = FreeList::new(&HEAP);
/// let layout = Layout::new::<[u8; 24]>();
/// let first = heap.allocate(layout)?;
/// let second = heap.allocate(layout)?;
/// assert_eq!(second.addr().get() - first.addr().get(), 32, "8 bytes of header between them");
/// // SAFETY: `first` is live and not used again.
/// unsafe { heap.deallocate(first.cast(), layout) };
/// assert_eq!(heap.allocate(layout)?, first, "the block is used again");
/// # Ok::<(), core_api::AllocError>(())
/// ```
///
/// One thread uses it at a time; `core_api`'s `Local` and `Locked` share it.
///
/// A block is named by the address of its header, here and in the links.
pub struct FreeList<S: Source = &'static StaticHeap> {
    /// The block freed last, or `NONE`.
    head: usize,
    /// Where the next block is cut.
    top: usize,
    end: usize,
    region: Region,
    source: S,
}

impl<S: Source> FreeList<S> {
    /// A heap that will take its memory from `source`. O(1).
    ///
    /// ```
    /// static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// let heap = freelist::FreeList::new(&HEAP);
    /// assert!(heap.region().is_empty(), "nothing is taken yet");
    /// ```
    pub const fn new(source: S) -> Self {
        Self {
            head: NONE,
            top: 0,
            end: 0,
            region: Region::EMPTY,
            source,
        }
    }

    /// The memory in use: empty before the first allocation. O(1).
    ///
    /// ```
    /// use core_api::{Allocator, StaticHeap};
    /// static HEAP: StaticHeap<1024> = StaticHeap::new();
    /// let mut heap = freelist::FreeList::new(&HEAP);
    /// heap.allocate(core::alloc::Layout::new::<u64>())?;
    /// assert_eq!(heap.region().len(), 1024);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn region(&self) -> Region {
        self.region
    }

    /// Bytes at the end that were never part of a block: 0 before the first allocation. O(1).
    ///
    /// ```
    /// use core_api::{Allocator, StaticHeap};
    /// static HEAP: StaticHeap<1024> = StaticHeap::new();
    /// let mut heap = freelist::FreeList::new(&HEAP);
    /// heap.allocate(core::alloc::Layout::new::<u64>())?;
    /// assert_eq!(heap.untouched(), 1024 - 16);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn untouched(&self) -> usize {
        self.end - self.top
    }

    /// Address of the first block.
    pub(crate) fn first(&self) -> usize {
        round_up(self.region.start(), GRANULE)
    }

    pub(crate) const fn head(&self) -> usize {
        self.head
    }

    pub(crate) const fn top(&self) -> usize {
        self.top
    }

    pub(crate) const fn end(&self) -> usize {
        self.end
    }

    /// Breaks the invariants, so that a test can see them broken.
    #[cfg(test)]
    pub(crate) fn displace_top(&mut self, by: isize) {
        self.top = self.top.wrapping_add_signed(by);
    }

    /// Whether a block could be at `address`: a granule of the heap that is part of some block.
    pub(crate) fn has_granule(&self, address: usize) -> bool {
        is_aligned(address, GRANULE) && (self.first()..self.top).contains(&address)
    }

    /// The header at `block`, or `None` if there is none.
    ///
    /// # Safety
    ///
    /// `has_granule(block)`.
    #[inline]
    pub(crate) unsafe fn header(&self, block: usize) -> Option<Header> {
        // SAFETY: by I1 a granule of the heap is eight readable bytes of the region.
        unsafe { Header::read(self.region.at(block)) }
    }

    /// The block after `block` on the free list, or `NONE`.
    ///
    /// # Safety
    ///
    /// `block` is a free block.
    #[inline]
    pub(crate) unsafe fn next(&self, block: usize) -> usize {
        // SAFETY: by I2 a free block has a payload of at least a granule, where I4 puts the link.
        unsafe { self.link(block).read() }
    }

    /// Where a free block keeps its link.
    #[inline]
    fn link(&self, block: usize) -> *mut usize {
        self.region.at(block + HEADER).cast()
    }

    /// Puts a block of the heap into a state.
    ///
    /// # Safety
    ///
    /// `header.size()` bytes from `block` on are a block, or about to become one.
    #[inline]
    unsafe fn set(&mut self, block: usize, header: Header) {
        // SAFETY: the caller names bytes of the region that are the heap's.
        unsafe { header.write(self.region.at(block)) };
    }

    // ANCHOR: push
    /// Makes a block the head of the free list.
    ///
    /// # Safety
    ///
    /// The bytes that `header` describes are a block, or about to become one; it is not on the
    /// list and nobody uses its payload.
    pub(crate) unsafe fn push(&mut self, block: usize, header: Header) {
        // SAFETY: the caller's promise; the payload has room for a link.
        unsafe {
            self.set(block, header.with(State::Free));
            self.link(block).write(self.head);
        }
        self.head = block;
    }
    // ANCHOR_END: push

    // ANCHOR: take
    /// Takes the first free block that is large enough off the list, whole. O(free blocks).
    ///
    /// The block is the one freed last among those that fit: the list is LIFO, and the search
    /// first fit. An over-aligned request fits where the payload happens to be aligned.
    pub(crate) fn take(&mut self, size: usize, align: usize) -> Option<(usize, Header)> {
        let mut previous = NONE;
        let mut block = self.head;
        while block != NONE {
            // SAFETY: by I4 the list leads from free block to free block.
            let (header, next) = unsafe { (self.header(block)?, self.next(block)) };
            if header.size() >= size && is_aligned(block + HEADER, align) {
                self.unlink(previous, next);
                // SAFETY: a block of the heap.
                unsafe { self.set(block, header.with(State::Used)) };
                return Some((block, header));
            }
            (previous, block) = (block, next);
        }
        None
    }
    // ANCHOR_END: take

    /// Makes `next` follow `previous`, or makes it the head if `previous` is `NONE`.
    fn unlink(&mut self, previous: usize, next: usize) {
        match previous {
            NONE => self.head = next,
            // SAFETY: `previous` is a free block, which keeps its link in its payload by I4.
            _ => unsafe { self.link(previous).write(next) },
        }
    }

    /// Cuts a used block from the untouched end. O(1).
    ///
    /// A larger alignment than 8 may need a gap, which becomes a block of its own.
    pub(crate) fn cut(&mut self, size: usize, align: usize) -> Result<(usize, Header), AllocError> {
        let header = Header::new(size, State::Used).ok_or(AllocError)?;
        if self.region.is_empty() {
            self.acquire(size)?;
        }
        let gap = padding(self.top + HEADER, align);
        let gap_header = Header::new(gap, State::Pad).ok_or(AllocError)?;
        self.make_room(gap.checked_add(size).ok_or(AllocError)?)?;
        self.add_gap(gap_header);
        let block = self.top;
        // SAFETY: `size` bytes from the top on are the region's (I1) and no block's yet.
        unsafe { self.set(block, header) };
        self.top += size;
        Ok((block, header))
    }

    /// Makes the gap before an aligned block a free block, or a pad if it is too small for one.
    fn add_gap(&mut self, gap: Header) {
        let block = self.top;
        if gap.size() >= MIN_BLOCK {
            // SAFETY: `cut` has made room for the gap, whose bytes are no block's yet.
            unsafe { self.push(block, gap) };
        } else if gap.size() > 0 {
            // SAFETY: as above.
            unsafe { self.set(block, gap) };
        }
        self.top += gap.size();
    }

    /// Takes the source's region. At least two granules long, it has room for one at any address.
    fn acquire(&mut self, min_len: usize) -> Result<(), AllocError> {
        self.region = self.source.acquire(min_len).ok_or(AllocError)?;
        self.top = self.first();
        self.end = round_down(self.region.end(), GRANULE);
        Ok(())
    }

    /// Makes sure that at least `bytes` are untouched, asking the source for a longer region if
    /// not.
    fn make_room(&mut self, bytes: usize) -> Result<(), AllocError> {
        if bytes <= self.untouched() {
            return Ok(());
        }
        if S::GROWTH == Growth::Never {
            return Err(AllocError);
        }
        // SAFETY: `region` is what the source last returned.
        let longer = unsafe { self.source.extend(self.region, bytes - self.untouched()) };
        self.region = longer.ok_or(AllocError)?;
        self.end = round_down(self.region.end(), GRANULE);
        Ok(())
    }

    /// The payload of a used block, with the region's right to its bytes.
    pub(crate) fn payload(
        &self,
        block: usize,
        header: Header,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let payload = NonNull::new(self.region.at(block + HEADER)).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(payload, header.payload()))
    }

    /// The used block with this payload, or what is wrong with the pointer.
    pub(crate) fn find(&self, payload: NonNull<u8>) -> Result<(usize, Header), Misuse> {
        let block = payload.addr().get().wrapping_sub(HEADER);
        if !self.has_granule(block) {
            return Err(Misuse::ForeignPointer);
        }
        // SAFETY: just tested.
        let header = unsafe { self.header(block) }.ok_or(Misuse::ForeignPointer)?;
        match header.state {
            State::Free => Err(Misuse::DoubleFree),
            State::Pad => Err(Misuse::ForeignPointer),
            State::Used if header.size() > self.top - block => Err(Misuse::CorruptHeader),
            State::Used => Ok((block, header)),
        }
    }

    /// Gives a block back, or says why it cannot be one. O(1).
    ///
    /// ```
    /// use core_api::{Allocator, Misuse, StaticHeap};
    /// static HEAP: StaticHeap = StaticHeap::new();
    /// let mut heap = freelist::FreeList::new(&HEAP);
    /// let block = heap.allocate(core::alloc::Layout::new::<u64>())?.cast();
    /// // SAFETY: the block is live; the second call is a mistake that is seen.
    /// let results = unsafe { [heap.try_free(block), heap.try_free(block)] };
    /// assert_eq!(results, [Ok(()), Err(Misuse::DoubleFree)]);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misuse`] if the pointer is none of a used block, as far as its header shows; the heap is
    /// unchanged. Not seen are: a block freed twice that was handed out again in between, and a
    /// pointer into a payload whose bytes before it look like a used block's header.
    ///
    /// # Safety
    ///
    /// `payload` is live in this heap, or a mistake that is seen: an address outside of the heap or
    /// not a multiple of 8, a free block, or an address in the heap before which there are eight
    /// initialized bytes that are no header.
    pub unsafe fn try_free(&mut self, payload: NonNull<u8>) -> Result<(), Misuse> {
        let (block, header) = self.find(payload)?;
        // SAFETY: a used block, by I4 not on the list, whose user gives it up.
        unsafe { self.push(block, header) };
        Ok(())
    }
}

impl<S: Source> Drop for FreeList<S> {
    /// Gives the memory back to the source.
    fn drop(&mut self) {
        if !self.region.is_empty() {
            // SAFETY: `region` is what the source last returned, and blocks live no longer than
            // their allocator.
            unsafe { self.source.release(self.region) };
        }
    }
}

impl<S: Source> fmt::Debug for FreeList<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FreeList")
            .field("region", &self.region)
            .field("untouched", &self.untouched())
            .finish_non_exhaustive()
    }
}
