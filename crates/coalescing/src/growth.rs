//! More memory from the source, and memory back to it.

use core_api::Source;

use crate::Granules;
use crate::header::Header;
use crate::heap::Heap;
use crate::merging::Merging;
use crate::regions::{Regions, Span};

impl<S: Source, const GRANULE: usize, M: Merging> Heap<S, GRANULE, M> {
    /// Makes the top, which is smaller, at least `size` granules: by a longer last region, or by another
    /// region. If it cannot, the top stays too small.
    ///
    /// A region that does not lie within the span of an offset is given back.
    #[cold]
    pub(crate) fn grow(&mut self, size: Granules) {
        if !self.extend_top(size) {
            self.add_region(size);
        }
    }

    /// Makes the last region longer; whether the top, which was smaller, has `size` granules now.
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
        // SAFETY: the span belongs to the heap and holds no block yet; before it are the heads if
        // it is the first one, else the last region ends where it did.
        unsafe {
            if is_first {
                self.clear_lists(span.first);
            } else {
                self.close_top();
            }
            self.open_top(span);
        }
    }

    /// Ends the last region: its top becomes a block like any other.
    ///
    /// # Safety
    ///
    /// The top is in the last region but one; another one is opened next.
    unsafe fn close_top(&mut self) {
        let (block, size) = (self.top, self.top_size());
        // SAFETY: by I8 there is room for a header at the end of the top, whose granules belong
        // to no block.
        unsafe {
            self.regions.set_header(self.end, Header::end());
            if size != 0 {
                self.regions
                    .set_header(self.end, Header::end().after_free());
                self.give(block, size);
            }
        }
    }

    /// Begins a region: all of it is top.
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

    /// Bytes of the free block at the end of the last region. O(1).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u8>())?;
    /// let before = heap.top_len();
    /// heap.allocate(Layout::new::<[u64; 4]>())?;
    /// assert_eq!(before - heap.top_len(), 40, "32 bytes and a header, in granules");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn top_len(&self) -> usize {
        self.top_size() as usize * GRANULE
    }

    /// Gives what the top has beyond `keep` bytes back to the source, in whole units of its
    /// [granularity](Source::granularity), and returns the bytes released. O(1), once what was
    /// deferred is merged.
    ///
    /// The source decides how much it takes: nothing, if it [cannot](Source::CAN_RELEASE).
    ///
    /// ```
    /// use core::{alloc::Layout, mem::MaybeUninit};
    /// use coalescing::Heap;
    /// use core_api::{Allocator, Borrowed};
    /// let mut buffer = [MaybeUninit::uninit(); 4096];
    /// let mut heap: Heap<_> = Heap::new(Borrowed::new(&mut buffer));
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
            // The region may end within a granule, of which the first bytes were written to.
            self.fresh = self.fresh.min(span.end + 1);
        }
        len - self.regions.last().len()
    }
}
