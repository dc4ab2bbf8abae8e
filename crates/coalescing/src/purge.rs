//! Methods for an owner that gives the heap's free memory back to the operating system.

use core::fmt;
use core::ptr::NonNull;

use core_api::{Region, Source};

use crate::bins::bin_of;
use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::merging::Merging;
use crate::{Granules, Offset};

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Bytes of a free block's payload that must keep their contents: two links at its start and the footer
    /// at its end.
    const KEPT: usize = 3 * Self::HEADER;

    /// Visits the inside of each free block that has at least `min_len` bytes there. The inside holds neither
    /// header, links nor footer, so the heap does not depend on its contents. Visits the top last, and skips
    /// deferred blocks. O(free blocks of about that size or larger).
    ///
    /// `visit` may change the contents, but the memory must stay readable and writable. On a source of
    /// [zeros](Source::ZEROED) it may only become zero.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::CoalescingHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
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
            // SAFETY: by I6 the list links each block to the next and the last one to the head.
            let next = |node: &Offset| Some(unsafe { self.regions.next(*node) });
            let nodes = core::iter::successors(next(&head), next);
            for block in nodes.take_while(|&node| node != head) {
                // SAFETY: the node is not the head, so it is a free block (I5).
                let size = unsafe { self.regions.header(block) }.size();
                let kept_in_front = 2 * Self::HEADER;
                let len = (size as usize * GRANULE).saturating_sub(Self::KEPT + Self::HEADER);
                self.visit_inside(block, kept_in_front, len, min_len, visit);
            }
        }
        self.visit_inside(self.top, 0, self.top_inside(), min_len, visit);
    }

    /// Returns the bytes between the top's header and the room for a header at its end.
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
            // SAFETY: the bytes lie inside a free block, and the heap neither reads nor writes them meanwhile.
            visit(unsafe { Region::new(base, len) });
        }
    }

    /// Returns whether `address` lies in one of the heap's regions. O(regions).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::CoalescingHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
    /// let block = heap.allocate(Layout::new::<u64>())?.cast::<u8>();
    /// assert!(heap.contains(block.addr().get()));
    /// assert!(!heap.contains(0));
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    #[inline]
    pub fn contains(&self, address: usize) -> bool {
        self.regions.find(address).is_some()
    }

    /// Returns the source of the heap's regions. O(1).
    ///
    /// ```
    /// use coalescing::CoalescingHeap;
    /// use core_api::StaticHeap;
    /// static MEMORY: StaticHeap<4096> = StaticHeap::new();
    /// let heap: CoalescingHeap<_> = CoalescingHeap::new(&MEMORY);
    /// assert!(core::ptr::eq(*heap.source(), &MEMORY));
    /// ```
    #[inline]
    pub fn source(&self) -> &S {
        &self.regions.source
    }

    /// Returns the source of the heap's regions, for changes. O(1).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::CoalescingHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let (mut small, mut large) = ([MaybeUninit::uninit(); 256], [MaybeUninit::uninit(); 4096]);
    /// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut small));
    /// // SAFETY: the old source has handed out no region.
    /// unsafe { *heap.source_mut() = Borrowed::new(&mut large) };
    /// assert!(heap.allocate(Layout::new::<[u8; 1024]>())?.len() >= 1024);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Safety
    ///
    /// The caller does not replace the source once it has handed out a region, and does not make it take back
    /// a region that the heap has.
    #[inline]
    pub unsafe fn source_mut(&mut self) -> &mut S {
        &mut self.regions.source
    }

    /// Returns the largest request in bytes that [`allocate`](core_api::Allocator::allocate) is sure to serve
    /// without more memory. O(1). The result does not count deferred blocks. Without them, it is at most 1/16
    /// smaller than the largest request that the heap can serve.
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::CoalescingHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
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

impl<S: Source, const GRANULE: usize, M: Merging> fmt::Debug for CoalescingHeap<S, GRANULE, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CoalescingHeap")
            .field("granule", &GRANULE)
            .field("top_len", &self.top_len())
            .field("largest_free", &self.largest_free())
            .finish_non_exhaustive()
    }
}

impl<S: Source, const GRANULE: usize, M: Merging> Drop for CoalescingHeap<S, GRANULE, M> {
    /// Gives the regions back, if the source can take them.
    fn drop(&mut self) {
        if S::CAN_RELEASE {
            // SAFETY: the heap is dropped, so nothing uses it or its blocks again.
            unsafe { self.regions.release_all() }
        }
    }
}
