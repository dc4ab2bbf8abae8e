//! Allocating and freeing: find, split, coalesce.

use core::fmt;
use core::hint::select_unpredictable;

use coalescing::bins::{Bins, smallest_of};
use core_api::{Growth, Region, Source};

use crate::lists::Found;
use crate::memory::Memory;
use crate::{GRANULE, Granules, Offset};

/// A heap in one region from `S`, whose used blocks are nothing but the caller's bytes.
///
/// Every operation takes time that depends neither on the size of the heap nor on the number of
/// blocks, except that the first request clears the edge bits, 1/128 of the region. See the [crate's
/// documentation](crate) for the picture and the invariants.
///
/// ```
/// use core::alloc::Layout;
/// use core::mem::MaybeUninit;
/// use core_api::{Allocator, Borrowed};
/// use headerless::Heap;
///
/// let mut buffer = [MaybeUninit::uninit(); 4096];
/// let mut heap = Heap::new(Borrowed::new(&mut buffer));
/// let first = heap.allocate(Layout::new::<[u64; 4]>())?.cast::<u8>();
/// let second = heap.allocate(Layout::new::<[u64; 4]>())?.cast::<u8>();
/// assert_eq!(second.addr().get() - first.addr().get(), 32, "nothing lies between them");
/// # Ok::<(), core_api::AllocError>(())
/// ```
pub struct Heap<S: Source> {
    pub(crate) bins: Bins,
    /// The first granule of the first block.
    pub(crate) first: Offset,
    /// The free block at the end. It is in no list.
    pub(crate) top: Offset,
    /// Where the top ends.
    pub(crate) end: Offset,
    pub(crate) memory: Memory,
    pub(crate) region: Region,
    source: S,
}

impl<S: Source> Heap<S> {
    /// Bytes of the smallest block.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use headerless::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap = Heap::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<u8>())?;
    /// assert_eq!(block.len(), Heap::<Borrowed<'_>>::MIN_BLOCK);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const MIN_BLOCK: usize = MIN_SIZE as usize * GRANULE;

    /// An empty heap that asks `source` for its region at the first allocation. O(1).
    ///
    /// ```
    /// use core::mem::MaybeUninit;
    /// use headerless::Heap;
    /// use core_api::Borrowed;
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let heap = Heap::new(Borrowed::new(&mut buffer));
    /// assert_eq!(heap.top_len(), 0, "nothing is asked for before it is needed");
    /// ```
    ///
    /// A source that can grow is refused when the program is compiled: the edge bits are laid out
    /// once.
    ///
    /// ```compile_fail
    /// # use core_api::{Region, Source};
    /// struct Banks;
    /// // SAFETY: it returns no region.
    /// unsafe impl Source for Banks {
    ///     fn acquire(&mut self, _: usize) -> Option<Region> { None }
    /// }
    /// headerless::Heap::new(Banks);
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

    /// The granules of a block for `size` bytes; `None` if an offset cannot count them.
    #[inline]
    pub(crate) fn granules(size: usize) -> Option<Granules> {
        // A `Layout`'s size leaves room for the sum.
        let n = Granules::try_from(size.wrapping_add(GRANULE - 1) / GRANULE).ok()?;
        Some(select_unpredictable(n < MIN_SIZE, MIN_SIZE, n))
    }

    /// A block of exactly `size` granules. O(1).
    #[inline]
    pub(crate) fn take(&mut self, size: Granules) -> Option<Offset> {
        match self.find(size) {
            // SAFETY: the block is in a list, and large enough.
            Some(found) => Some(unsafe { self.take_found(found, size) }),
            None => self.take_top(size).or_else(|| self.take_last(size)),
        }
    }

    /// As [`take`](Self::take), where neither a first look at the lists nor the top has a block.
    #[cold]
    fn take_last(&mut self, size: Granules) -> Option<Offset> {
        if let Some(found) = self.find_last(size) {
            // SAFETY: the block is in a list, and large enough.
            return Some(unsafe { self.take_found(found, size) });
        }
        self.acquire().then(|| self.take_top(size)).flatten()
    }

    /// Lays the region out, if there is none yet and the source has one; whether it did.
    #[cold]
    pub(crate) fn acquire(&mut self) -> bool {
        if !self.region.is_empty() {
            return false;
        }
        let Some(region) = self.source.acquire(1) else {
            return false;
        };
        let is_long_enough = self.lay_out(region);
        if !is_long_enough {
            // SAFETY: the source returned the region just now and nothing refers to it.
            unsafe { self.source.release(region) }
        }
        is_long_enough
    }

    /// # Safety
    ///
    /// `found` is in a list and has at least `size` granules.
    #[inline]
    unsafe fn take_found(&mut self, found: Found, size: Granules) -> Offset {
        // SAFETY: the block is in a list by the caller's promise; from then on it is ours, and
        // what is left of it is cut off behind. Its first edge moves there, or goes with the last.
        unsafe {
            self.unlink(found.block);
            self.memory.clear_edge(found.block);
            let rest = found.block + size;
            if found.size == size {
                self.memory.clear_edge(rest - 1);
            } else {
                self.memory.set_edge(rest);
                self.enter(rest, found.size - size);
            }
        }
        found.block
    }

    /// The granules of the top.
    #[inline]
    pub(crate) fn top_size(&self) -> Granules {
        self.end - self.top
    }

    /// A block of `size` granules from the top, if it has them.
    #[inline]
    pub(crate) fn take_top(&mut self, size: Granules) -> Option<Offset> {
        if self.top_size() < size {
            return None;
        }
        let block = self.top;
        self.top = block + size;
        Some(block)
    }

    /// Takes a free block out of its list, if it is in one, and forgets its edges.
    ///
    /// # Safety
    ///
    /// `found` is a free block with its size.
    #[inline]
    pub(crate) unsafe fn remove(&mut self, found: Found) {
        // SAFETY: by I5 the block is in a list if it has room for links.
        unsafe {
            if found.size >= MIN_SIZE {
                self.unlink(found.block);
            }
            self.memory.clear_edge(found.block);
            self.memory.clear_edge(found.block + found.size - 1);
        }
    }

    /// Makes the `size` granules from `block` a free block; 0 are none.
    ///
    /// # Safety
    ///
    /// The granules are in no block, and those around them are used.
    #[inline]
    pub(crate) unsafe fn give(&mut self, block: Offset, size: Granules) {
        if size == 0 {
            return;
        }
        // SAFETY: the granules are the heap's by the caller's promise.
        unsafe {
            self.memory.set_edge(block);
            self.memory.set_edge(block + size - 1);
            self.enter(block, size);
        }
    }

    /// Writes the tags of a free block that has its edges, and puts it in a list if it has room for
    /// links.
    ///
    /// # Safety
    ///
    /// As for [`give`](Self::give); there is a granule.
    #[inline]
    pub(crate) unsafe fn enter(&mut self, block: Offset, size: Granules) {
        // SAFETY: the caller's promise.
        unsafe {
            self.memory.set_tags(block, size);
            if size >= MIN_SIZE {
                self.link(block, size);
            }
        }
    }

    /// Bytes at the end of the heap that no block has. O(1).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use headerless::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap = Heap::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u8>())?;
    /// let before = heap.top_len();
    /// heap.allocate(Layout::new::<[u64; 4]>())?;
    /// assert_eq!(before - heap.top_len(), 32, "no header");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn top_len(&self) -> usize {
        self.top_size() as usize * GRANULE
    }

    /// A size for which the next allocation with an alignment of at most 8 succeeds; 0 if there is
    /// none, or before the first one. O(1).
    ///
    /// Blocks that share a bin with smaller ones count as the smallest of them.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use headerless::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap = Heap::new(Borrowed::new(&mut buffer));
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

    /// The address of a granule.
    pub(crate) fn address_of(&self, block: Offset) -> usize {
        self.memory.address_of(block)
    }
}

/// Granules of the smallest used block, and of the smallest free block in a list.
pub(crate) const MIN_SIZE: Granules = 2;

impl<S: Source> fmt::Debug for Heap<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap")
            .field("top_len", &self.top_len())
            .field("largest_free", &self.largest_free())
            .finish_non_exhaustive()
    }
}

impl<S: Source> Drop for Heap<S> {
    /// Gives the region back, if the source can use it.
    fn drop(&mut self) {
        if S::CAN_RELEASE && !self.region.is_empty() {
            // SAFETY: blocks die with their allocator; the region is what the source returned.
            unsafe { self.source.release(self.region) }
        }
    }
}
