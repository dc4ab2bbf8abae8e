//! What a heap with an operating system below it asks of this one.

use core::fmt;
use core::ptr::NonNull;

use core_api::{Region, Source};

use crate::bins::bin_of;
use crate::header::Header;
use crate::heap::Heap;
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> Heap<S, GRANULE, M> {
    /// Bytes of a free block that must keep their contents: the links at its start and the footer
    /// at its end; the header lies before.
    const KEPT: usize = 3 * Self::HEADER;

    /// Visits the insides of all free blocks with at least `min_len` bytes to spare: bytes that
    /// hold neither header, links nor footer, so that whatever happens to their contents does not
    /// matter to the heap. The top is the last; blocks that wait to be merged are left out. O(free blocks of about that size or larger).
    ///
    /// The memory may change contents but must stay readable and writable. On a source of
    /// [zeros](Source::ZEROED) it may only become zero.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u64>())?;
    /// let mut len = 0;
    /// heap.for_each_free(1024, &mut |inside| len += inside.len());
    /// assert_eq!(len, heap.top_len() - 4, "the top but for a header");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn for_each_free(&self, min_len: usize, visit: &mut dyn FnMut(Region)) {
        let min_size = Self::granules(min_len).unwrap_or(Header::MAX_SIZE);
        for bin in self.bins.iter_from(bin_of(min_size)) {
            let head = Self::head(bin);
            // SAFETY: by I6 the list leads from block to block and back to its head.
            let next = |node: &Offset| Some(unsafe { self.regions.next(*node) });
            let nodes = core::iter::successors(next(&head), next);
            for block in nodes.take_while(|&node| node != head) {
                // SAFETY: nodes that are not the head are free blocks (I5).
                let size = unsafe { self.regions.header(block) }.size();
                let kept_in_front = 2 * Self::HEADER;
                let len = (size as usize * GRANULE).saturating_sub(Self::KEPT + Self::HEADER);
                self.visit_inside(block, kept_in_front, len, min_len, visit);
            }
        }
        self.visit_inside(self.top, 0, self.top_inside(), min_len, visit);
    }

    /// Bytes between the top's header and the header at its end.
    fn top_inside(&self) -> usize {
        self.top_len().saturating_sub(Self::HEADER)
    }

    fn visit_inside(
        &self,
        block: Offset,
        start: usize,
        len: usize,
        min_len: usize,
        visit: &mut dyn FnMut(Region),
    ) {
        if len == 0 || len < min_len {
            return;
        }
        if let Some(base) = NonNull::new(self.regions.at(block).wrapping_add(start)) {
            // SAFETY: the bytes lie in a free block of the heap, which does not look at them.
            visit(unsafe { Region::new(base, len) });
        }
    }

    /// Whether `address` lies in one of the heap's regions. O(regions).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<u64>())?.cast::<u8>();
    /// assert!(heap.contains(block.addr().get()));
    /// assert!(!heap.contains(0));
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    #[inline]
    pub fn contains(&self, address: usize) -> bool {
        self.regions.find(address).is_some()
    }

    /// The source that the heap's regions come from. O(1).
    ///
    /// ```
    /// use coalescing::Heap;
    /// use core_api::StaticHeap;
    /// static MEMORY: StaticHeap<4096> = StaticHeap::new();
    /// let heap: Heap<_> = Heap::new(&MEMORY);
    /// assert!(core::ptr::eq(*heap.source(), &MEMORY));
    /// ```
    #[inline]
    pub fn source(&self) -> &S {
        &self.regions.source
    }

    /// The source that the heap's regions come from. O(1).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let (mut small, mut large) = ([MaybeUninit::uninit(); 256], [MaybeUninit::uninit(); 4096]);
    /// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut small));
    /// // SAFETY: the source that is replaced has handed out no region.
    /// unsafe { *heap.source_mut() = Borrowed::new(&mut large) };
    /// assert!(heap.allocate(Layout::new::<[u8; 1024]>())?.len() >= 1024);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Safety
    ///
    /// It stays the one that handed out the regions that the heap has, and does not take them back:
    /// it is not replaced once it has handed out one.
    #[inline]
    pub unsafe fn source_mut(&mut self) -> &mut S {
        &mut self.regions.source
    }

    /// The largest request that [`allocate`](core_api::Allocator::allocate) is sure to serve
    /// without more memory, in bytes. O(1); at most 1/16 smaller than the largest that it may
    /// serve, unless blocks wait to be merged, which are not counted.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u8>())?;
    /// let all = Layout::array::<u8>(heap.largest_free()).unwrap();
    /// heap.allocate(all)?;
    /// assert_eq!(heap.largest_free(), 0, "that was all there was");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn largest_free(&self) -> usize {
        let listed = self.bins.last().map_or(0, crate::bins::smallest_of);
        let size: Granules = listed.max(self.top_size());
        match size < Self::MIN_SIZE {
            true => 0,
            false => Self::payload(size),
        }
    }
}

impl<S: Source, const GRANULE: usize, M: Merging> fmt::Debug for Heap<S, GRANULE, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap")
            .field("granule", &GRANULE)
            .field("top_len", &self.top_len())
            .field("largest_free", &self.largest_free())
            .finish_non_exhaustive()
    }
}

impl<S: Source, const GRANULE: usize, M: Merging> Drop for Heap<S, GRANULE, M> {
    /// Gives the regions back, if the source can use them.
    fn drop(&mut self) {
        if S::CAN_RELEASE {
            // SAFETY: blocks die with their allocator.
            unsafe { self.regions.release_all() }
        }
    }
}
