//! Memory in several regions, for heaps that can have more than one.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

use core_api::{Region, Source};

/// All the memory there is.
const LEN: usize = 128 << 10;

/// Regions grow and shrink by this many bytes.
const UNIT: usize = 1 << 10;

/// A region that is longer than this grows no more, so that the next request begins another.
const LONGEST: usize = 16 << 10;

/// Bytes between two regions, which are nobody's.
const GAP: usize = 72;

/// One region behind the other, with gaps between them; the last one grows and shrinks. All bytes
/// that were not handed out are zero.
pub struct Scattered {
    base: NonNull<u8>,
    /// Where the next region begins.
    next: usize,
}

impl Scattered {
    const LAYOUT: Layout = match Layout::from_size_align(LEN, 4096) {
        Ok(layout) => layout,
        Err(_) => panic!("a power of two"),
    };

    /// Memory of which nothing was handed out.
    ///
    /// # Panics
    ///
    /// If the machine has none.
    pub fn new() -> Self {
        // SAFETY: the size is not zero.
        let base = unsafe { alloc_zeroed(Self::LAYOUT) };
        Self {
            base: NonNull::new(base).expect("memory"),
            next: 0,
        }
    }

    /// The bytes from `start` on, if there are as many.
    fn cut(&mut self, start: usize, len: usize) -> Option<Region> {
        let len = len.checked_next_multiple_of(UNIT)?;
        let end = start.checked_add(len)?.checked_add(GAP)?;
        if end > LEN {
            return None;
        }
        self.next = end;
        // SAFETY: the bytes lie in our memory, behind all regions but this one.
        Some(unsafe { Region::new(self.base.add(start), len) })
    }

    fn offset(&self, region: Region) -> usize {
        region.start() - self.base.addr().get()
    }

    fn is_last(&self, region: Region) -> bool {
        self.offset(region) + region.len() + GAP == self.next
    }

    /// Bytes that are nobody's are as they were.
    fn assert_clear(&self, from: usize, len: usize) {
        // SAFETY: the bytes lie in our memory, and nobody else uses them.
        let is_clear = (from..from + len).all(|at| unsafe { self.base.add(at).read() } == 0);
        assert!(is_clear, "a byte was written outside the regions");
    }
}

impl Default for Scattered {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: the regions are disjoint parts of memory that stays where it is; what is handed out was
// never written to, or cleared.
unsafe impl Source for Scattered {
    const ZEROED: bool = true;
    const CAN_RELEASE: bool = true;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        self.cut(self.next, min_len)
    }

    unsafe fn extend(&mut self, region: Region, by: usize) -> Option<Region> {
        if !self.is_last(region) || region.len() > LONGEST {
            return None;
        }
        self.assert_clear(self.next - GAP, GAP);
        self.cut(self.offset(region), region.len().checked_add(by)?)
    }

    unsafe fn release(&mut self, region: Region) {
        self.assert_clear(self.offset(region) + region.len(), GAP);
    }

    unsafe fn release_tail(&mut self, region: Region, by: usize) -> Region {
        let by = by - by % UNIT;
        let Some((kept, rest)) = region.split_at(region.len() - by) else {
            return region;
        };
        if !self.is_last(region) {
            return region;
        }
        // SAFETY: the heap does not use these bytes any more.
        unsafe { rest.base().write_bytes(0, rest.len()) };
        self.next -= by;
        kept
    }

    fn granularity(&self) -> usize {
        UNIT
    }
}

impl Drop for Scattered {
    fn drop(&mut self) {
        self.assert_clear(self.next, LEN - self.next);
        // SAFETY: allocated in `new` with this layout; no region is in use any more.
        unsafe { dealloc(self.base.as_ptr(), Self::LAYOUT) };
    }
}
