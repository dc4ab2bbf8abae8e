//! The allocator: one pointer that moves forward.

use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;

use core_api::align::{padding, round_down, round_up};
use core_api::{AllocError, Allocator, Growth, Reclaims, Region, Reset, Source, StaticHeap};

/// Unit of size and smallest alignment, in bytes.
///
/// ```
/// assert_eq!(bump::GRANULE, 8);
/// ```
pub const GRANULE: usize = 8;

/// A bump allocator over the memory of `S`, which is asked for it on the first allocation.
///
/// Every operation is O(1) and touches no byte of the heap.
///
/// ```
/// use core::alloc::Layout;
/// use core_api::{Allocator, StaticHeap};
/// use bump::Bump;
///
/// static HEAP: StaticHeap = StaticHeap::new();
/// let mut bump = Bump::new(&HEAP);
/// let first = bump.allocate(Layout::new::<[u8; 20]>())?;
/// let second = bump.allocate(Layout::new::<u64>())?;
/// assert_eq!(first.len(), 24, "20 bytes take three granules");
/// assert_eq!(second.addr().get(), first.addr().get() + 24, "memory moves forward");
/// # Ok::<(), core_api::AllocError>(())
/// ```
///
/// One thread uses it at a time; `core_api`'s `Local` and `Locked` share it.
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>() {}
/// shared::<bump::Bump>();
/// ```
pub struct Bump<S: Source = &'static StaticHeap> {
    cursor: NonNull<u8>,
    end: NonNull<u8>,
    region: Region,
    source: S,
}

/// A type with the granule's alignment, for the pointer of a heap that has no memory yet.
#[repr(align(8))]
struct Granule;

/// The bytes that a request of `size` takes: a multiple of the granule, and never 0.
///
/// `size` is that of a `Layout`, so that rounding it up cannot overflow.
#[inline]
const fn granules(size: usize) -> usize {
    round_up(if size == 0 { 1 } else { size }, GRANULE)
}

impl<S: Source> Bump<S> {
    /// An allocator that will take its memory from `source`.
    ///
    /// O(1).
    ///
    /// ```
    /// use core_api::StaticHeap;
    ///
    /// static HEAP: StaticHeap = StaticHeap::new();
    /// let bump = bump::Bump::new(&HEAP);
    /// assert_eq!(bump.remaining(), 0, "no memory was asked for yet");
    /// ```
    pub const fn new(source: S) -> Self {
        let nowhere = NonNull::<Granule>::dangling().cast();
        Self {
            cursor: nowhere,
            end: nowhere,
            region: Region::EMPTY,
            source,
        }
    }

    /// Bytes between the start of the heap and the cursor: blocks, and the padding between them.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core_api::{Allocator, Borrowed};
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut bump = bump::Bump::new(Borrowed::new(&mut buffer));
    /// bump.allocate(Layout::new::<[u8; 20]>())?;
    /// assert_eq!(bump.used(), 24);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    #[inline]
    pub fn used(&self) -> usize {
        self.cursor.addr().get() - self.first()
    }

    /// Bytes between the cursor and the end: 0 before the first allocation.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core_api::{Allocator, Borrowed};
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut bump = bump::Bump::new(Borrowed::new(&mut buffer));
    /// bump.allocate(Layout::new::<u64>())?;
    /// let before = bump.remaining();
    /// bump.allocate(Layout::new::<u64>())?;
    /// assert_eq!(bump.remaining(), before - 8);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    #[inline]
    pub fn remaining(&self) -> usize {
        self.end.addr().get() - self.cursor.addr().get()
    }

    /// The memory in use: empty before the first allocation.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core_api::{Allocator, Borrowed};
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut bump = bump::Bump::new(Borrowed::new(&mut buffer));
    /// let block = bump.allocate(Layout::new::<u64>())?;
    /// assert!(bump.region().contains(block.addr().get()));
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn region(&self) -> Region {
        self.region
    }

    /// Address of the first granule.
    #[inline]
    pub(crate) fn first(&self) -> usize {
        round_up(self.region.start(), GRANULE)
    }

    #[inline]
    pub(crate) fn cursor(&self) -> usize {
        self.cursor.addr().get()
    }

    #[inline]
    pub(crate) fn end(&self) -> usize {
        self.end.addr().get()
    }

    /// Breaks the invariants, so that a test can see them broken.
    #[cfg(test)]
    pub(crate) fn displace_cursor(&mut self, by: isize) {
        let displaced = self.cursor.as_ptr().wrapping_offset(by);
        self.cursor = NonNull::new(displaced).expect("no wrap");
    }

    // ANCHOR: advance
    /// Moves the cursor past a block for `layout`, if that much remains.
    ///
    /// The block's end may wrap around the end of the address space. Its distance to the heap's end
    /// tells all the same: padding and size are at most `isize::MAX` together, since a layout's size,
    /// rounded up to its alignment, is; and so is what remains. The difference of the two fits into
    /// an `isize`, and is negative if and only if too little remains.
    #[inline]
    fn advance(&mut self, layout: Layout) -> Option<NonNull<[u8]>> {
        let size = granules(layout.size());
        let next = self.next_cursor(size, layout.align());
        let start = next.wrapping_sub(size);
        let left = self.end().wrapping_sub(next.addr());
        if left.cast_signed() < 0 {
            return None;
        }
        // SAFETY: cursor <= start <= next <= end, which by I1 are addresses of the region, or its
        // end, and not null.
        let (start, next) =
            unsafe { (NonNull::new_unchecked(start), NonNull::new_unchecked(next)) };
        self.cursor = next;
        Some(NonNull::slice_from_raw_parts(start, size))
    }
    // ANCHOR_END: advance

    /// The end of a block of `size` bytes at the next multiple of `align` from the cursor on, which
    /// up to a granule is the cursor itself, by I2.
    ///
    /// What `size` has of whole multiples of `align` is added before rounding down. So for a layout
    /// that the compiler knows, one addition and one mask lie between a cursor and the next.
    #[inline]
    fn next_cursor(&self, size: usize, align: usize) -> *mut u8 {
        let cursor = self.cursor.as_ptr();
        if align <= GRANULE {
            return cursor.wrapping_add(size);
        }
        let odd = size & (align - 1);
        let last = cursor.wrapping_add(size - odd + (align - 1));
        let aligned = last.map_addr(|address| round_down(address, align));
        aligned.wrapping_add(odd)
    }

    /// Bytes from the cursor to the next multiple of `align`.
    fn padding(&self, align: usize) -> usize {
        let start = self.next_cursor(0, align).addr();
        start.wrapping_sub(self.cursor())
    }

    /// The first allocation, one that needs a longer region, or one that fails.
    #[cold]
    #[inline(never)]
    fn allocate_slow(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let size = granules(layout.size());
        if self.region.is_empty() {
            self.acquire(size)?;
        }
        self.make_room(self.padding(layout.align()) + size)?;
        self.advance(layout).ok_or(AllocError)
    }

    /// Takes the source's region. It has at least one granule, even between odd addresses.
    fn acquire(&mut self, min_len: usize) -> Result<(), AllocError> {
        let region = self.source.acquire(min_len).ok_or(AllocError)?;
        self.adopt(region, padding(region.start(), GRANULE))
    }

    /// Makes sure that at least `bytes` remain, asking the source for a longer region if not.
    fn make_room(&mut self, bytes: usize) -> Result<(), AllocError> {
        let remaining = self.remaining();
        if bytes <= remaining {
            return Ok(());
        }
        if S::GROWTH == Growth::Never {
            return Err(AllocError);
        }
        // SAFETY: `region` is what the source last returned.
        let longer = unsafe { self.source.extend(self.region, bytes - remaining) };
        let offset = self.cursor() - self.region.start();
        self.adopt(longer.ok_or(AllocError)?, offset)
    }

    /// Uses `region` with the cursor `offset` bytes into it.
    fn adopt(&mut self, region: Region, offset: usize) -> Result<(), AllocError> {
        let end = region.at(round_down(region.end(), GRANULE));
        self.cursor = NonNull::new(region.at_offset(offset)).ok_or(AllocError)?;
        self.end = NonNull::new(end).ok_or(AllocError)?;
        self.region = region;
        Ok(())
    }

    /// The block of `size` bytes at `address`, with the region's right to them.
    #[inline]
    fn block(&self, address: usize, size: usize) -> Result<NonNull<[u8]>, AllocError> {
        let start = NonNull::new(self.region.at(address)).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(start, size))
    }

    /// Whether a block of `size` bytes at `block` ends at the cursor.
    #[inline]
    fn is_last(&self, block: NonNull<u8>, size: usize) -> bool {
        self.cursor().wrapping_sub(block.addr().get()) == size
    }
}

// SAFETY: blocks are cut from between cursor and end, which by I1 is memory of the region, and live
// blocks lie before the cursor; the region stays where it is when the allocator moves.
unsafe impl<S: Source> Allocator for Bump<S> {
    /// O(1): for a constant layout of alignment at most 8, about six instructions.
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        match self.advance(layout) {
            Some(block) => Ok(block),
            None => self.allocate_slow(layout),
        }
    }

    // ANCHOR: deallocate
    /// O(1). Only the last block's bytes come back; the padding before it does not.
    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        let size = granules(layout.size());
        if self.is_last(block, size) {
            // SAFETY: the block is live, so that its `size` bytes lie before the cursor.
            self.cursor = unsafe { self.cursor.sub(size) };
        }
    }
    // ANCHOR_END: deallocate

    /// O(1). The last block takes from or gives to what remains; another keeps its bytes.
    #[inline]
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let (old_size, new_size) = (granules(old.size()), granules(new_size));
        if !self.is_last(block, old_size) {
            return if new_size <= old_size {
                self.block(block.addr().get(), old_size)
            } else {
                Err(AllocError)
            };
        }
        self.make_room(new_size.saturating_sub(old_size))?;
        // SAFETY: the block is live, so that its bytes lie before the cursor; by I1 what it grows
        // by is there.
        self.cursor = unsafe { self.cursor.sub(old_size).add(new_size) };
        self.block(block.addr().get(), new_size)
    }

    #[inline]
    fn reclaims(&self) -> Reclaims {
        Reclaims::LastBlock
    }
}

/// Where the cursor of a [`Bump`] stood.
///
/// ```
/// use core_api::{Allocator, Borrowed, Reset};
/// use core::alloc::Layout;
/// use core::mem::MaybeUninit;
///
/// let mut buffer = [MaybeUninit::uninit(); 256];
/// let mut bump = bump::Bump::new(Borrowed::new(&mut buffer));
/// let start = bump.mark();
/// bump.allocate(Layout::new::<u64>())?;
/// // SAFETY: the block is not used again.
/// unsafe { bump.reset_to(start) };
/// assert_eq!(bump.mark(), start);
/// # Ok::<(), core_api::AllocError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    used: usize,
}

impl<S: Source> Reset for Bump<S> {
    type Mark = Mark;

    /// O(1).
    #[inline]
    fn mark(&self) -> Mark {
        Mark { used: self.used() }
    }

    /// O(1). Where the last block from before the mark was freed since, the cursor may stand
    /// before the mark; then it stays.
    #[inline]
    unsafe fn reset_to(&mut self, mark: Mark) {
        let since = self.used().saturating_sub(mark.used);
        // SAFETY: `since` is at most `used`, so that by I1 the cursor stays in the region.
        self.cursor = unsafe { self.cursor.sub(since) };
    }

    /// O(1).
    #[inline]
    fn reset(&mut self) {
        // SAFETY: no block is live any more, so that every mark will do.
        unsafe { self.reset_to(Mark { used: 0 }) };
    }
}

impl<S: Source> Drop for Bump<S> {
    /// Gives the memory back to the source.
    fn drop(&mut self) {
        if !self.region.is_empty() {
            // SAFETY: `region` is what the source last returned, and blocks live no longer than
            // their allocator.
            unsafe { self.source.release(self.region) };
        }
    }
}

// SAFETY: the pointers are into the region, which belongs to this value alone.
unsafe impl<S: Source + Send> Send for Bump<S> {}

impl<S: Source> fmt::Debug for Bump<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bump")
            .field("region", &self.region)
            .field("used", &self.used())
            .field("remaining", &self.remaining())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::without_provenance_mut;

    use super::*;

    /// A heap of `len` bytes that begins at `address`, of which nothing is read or written.
    fn heap_at(address: usize, len: usize) -> Bump {
        static NO_HEAP: StaticHeap = StaticHeap::new();
        let at = |address| NonNull::new(without_provenance_mut(address)).expect("not null");
        Bump {
            cursor: at(address),
            end: at(address + len),
            region: Region::EMPTY,
            source: &NO_HEAP,
        }
    }

    fn is_room(address: usize, len: usize, size: usize, align: usize) -> bool {
        let layout = Layout::from_size_align(size, align).expect("a layout");
        heap_at(address, len).advance(layout).is_some()
    }

    #[test]
    fn room_is_found_at_both_ends_and_in_the_middle_of_the_address_space() {
        let (len, middle) = (4096, usize::MAX / 2 + 1);
        let last = usize::MAX - 2 * len + 1;
        for address in [4096, middle - len, middle, last] {
            assert!(is_room(address, len, len, 8), "{address:#x}");
            assert!(!is_room(address, len, len + 1, 8), "{address:#x}");
            assert!(is_room(address + 8, len - 8, 2048, 2048), "{address:#x}");
            assert!(!is_room(address + 8, len - 8, 2049, 2048), "{address:#x}");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "slow, and only about numbers")]
    fn a_block_begins_at_the_next_multiple_of_its_alignment() {
        for align in [1, 8, 16, 64, 4096] {
            for address in (8192..8192 + 256).step_by(GRANULE) {
                for size in (0..256).step_by(GRANULE) {
                    let next = heap_at(address, 1 << 16).next_cursor(size, align).addr();
                    assert_eq!(next, round_up(address, align) + size, "{align} {address}");
                }
            }
        }
    }

    #[test]
    fn no_request_is_so_large_that_it_fits() {
        const LARGEST: usize = isize::MAX as usize;
        let largest_align = LARGEST / 2 + 1;
        for address in [4096, LARGEST + 1 - 4096, usize::MAX - 4103] {
            assert!(!is_room(address, 4096, LARGEST - 7, 8), "{address:#x}");
            assert!(!is_room(address + 8, 4088, LARGEST - 4095, 4096));
            assert!(!is_room(address + 8, 4088, 1, largest_align));
            assert!(!is_room(address + 8, 4088, largest_align, largest_align));
        }
    }

    #[test]
    fn the_longest_heap_there_can_be_has_room_for_the_longest_block() {
        const LONGEST: usize = isize::MAX as usize - 7;
        for address in [8, usize::MAX - LONGEST - 7] {
            assert!(is_room(address, LONGEST, LONGEST, 8));
            assert!(!is_room(address + 8, LONGEST - 8, LONGEST, 8));
        }
    }
}
