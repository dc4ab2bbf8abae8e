//! Takes memory from the source, and gives memory back to it.

use core_api::Source;

use crate::Granules;
use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::merging::Merging;
use crate::regions::{Regions, Span};

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    /// Enlarges the top to at least `size` granules: extends the last region, or adds a region. If both fail,
    /// the top stays too small.
    ///
    /// A new region out of an offset's reach goes back to the source.
    #[cold]
    pub(crate) fn grow(&mut self, size: Granules) {
        if !self.extend_top(size) {
            self.add_region(size);
        }
    }

    /// Extends the last region for a top that is too small. Returns whether the top now has `size` granules.
    pub(crate) fn extend_top(&mut self, size: Granules) -> bool {
        let missing = size - self.top_size();
        let Some(span) = self.regions.extend(missing) else {
            return false;
        };
        self.set_end(span.end);
        self.top_size() >= size
    }

    fn add_region(&mut self, size: Granules) {
        let is_first = !Regions::<S, GRANULE>::MANY || self.regions.is_empty();
        let Some(span) = self.regions.acquire(size) else {
            return;
        };
        // SAFETY: `acquire` returned the span just now, so it holds no block yet. If it is the first, the heads
        // lie before it; else the top is still in the region before it.
        unsafe {
            if is_first {
                self.clear_lists(span.first);
            } else {
                self.close_top();
            }
            self.open_top(span);
        }
    }

    /// Closes the top's region: the top becomes an ordinary free block.
    ///
    /// # Safety
    ///
    /// The top lies in the last region but one, and the caller opens the last region next.
    unsafe fn close_top(&mut self) {
        let (block, size) = (self.top, self.top_size());
        // SAFETY: by I8 a header fits at the end of the top, and the top's granules belong to no other block.
        unsafe {
            self.regions.set_header(self.end, Header::end());
            if size != 0 {
                self.regions
                    .set_header(self.end, Header::end().after_free());
                self.give(block, size);
            }
        }
    }

    /// Opens the last region: all of it becomes the top.
    ///
    /// # Safety
    ///
    /// The span is that of the last region and holds no block.
    unsafe fn open_top(&mut self, span: Span) {
        self.top = span.first;
        self.set_end(span.end);
        if S::ZEROED {
            self.fresh = span.first;
        }
        // SAFETY: `span` leaves room for a header before its first granule.
        unsafe { self.regions.set_header(span.first, Header::TOP) };
    }

    /// Returns the bytes of the free block at the end of the last region. O(1).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::CoalescingHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u8>())?;
    /// let before = heap.top_len();
    /// heap.allocate(Layout::new::<[u64; 4]>())?;
    /// assert_eq!(before - heap.top_len(), 40, "32 bytes and a header, in granules");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn top_len(&self) -> usize {
        self.top_size() as usize * GRANULE
    }

    /// Gives the bytes of the top beyond `keep` back to the source, in whole units of its
    /// [granularity](Source::granularity), and returns the bytes released. O(1), after merging the deferred
    /// blocks.
    ///
    /// The source decides how much it takes; it takes nothing unless it [can](Source::CAN_RELEASE).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::CoalescingHeap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: CoalescingHeap<_> = CoalescingHeap::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u64>())?;
    /// assert_eq!(heap.trim(0), 0, "a borrowed buffer takes nothing back");
    /// assert!(heap.top_len() > 3000, "so the top stays as it is");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn trim(&mut self, keep: usize) -> usize {
        self.merge_deferred();
        let spare = self.top_len().saturating_sub(keep);
        let by = spare - spare % self.regions.source.granularity().max(1);
        if !S::CAN_RELEASE || by == 0 {
            return 0;
        }
        let len = self.regions.last().len();
        // SAFETY: by I8 the last `by` bytes of the region belong to the top.
        if let Some(span) = unsafe { self.regions.release_tail(by) } {
            self.set_end(span.end);
            // The region may end within a granule, and the first bytes of that granule may have been written.
            self.fresh = self.fresh.min(span.end + 1);
        }
        len - self.regions.last().len()
    }
}
