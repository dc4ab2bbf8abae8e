//! A long range of address space, committed from its start as the heap grows.

use core_api::align::{checked_round_up, round_down, round_up};
use core_api::{Growth, Region, Source};

use crate::mapping::Mapping;

/// The address space that a heap asks for first: all that stage 4's 32-bit headers can reach.
///
/// ```
/// use core_api::Source;
/// let mut source = mmap_backed::Reservation::new();
/// source.acquire(1).unwrap();
/// assert!(source.reserved() <= mmap_backed::DEFAULT_RESERVATION);
/// ```
pub const DEFAULT_RESERVATION: usize = if usize::BITS == 64 {
    (8_u64 << 30) as usize
} else {
    1 << 29
};

/// The least that is committed at once.
const SMALLEST_STEP: usize = 64 << 10;

/// A [`Source`] of one region that grows in place.
///
/// The first `acquire` reserves the address space, without access rights and without commit charge. The
/// region is its committed start (I1). To grow, the source makes more of it accessible: at least an eighth of
/// the bytes committed so far, so that a heap of n bytes costs O(log n) system calls. The tail goes back as
/// whole OS pages. Dropping the source unmaps everything.
///
/// If the address space is limited (`RLIMIT_AS`, 32-bit systems), the source halves the length until
/// the system grants it. Then the source halves it once more, so that stacks, libraries and direct mappings
/// find as much room as the heap.
///
/// ```
/// use core_api::Source;
/// let mut source = mmap_backed::Reservation::new();
/// let region = source.acquire(1).unwrap();
/// // SAFETY: the region was returned just now.
/// let longer = unsafe { source.extend(region, 1 << 20) }.unwrap();
/// assert_eq!(longer.base(), region.base());
/// assert_eq!(longer.len(), source.committed());
/// ```
#[derive(Debug)]
pub struct Reservation {
    limit: usize,
    /// [`Mapping::NONE`] before the first region.
    mapping: Mapping,
    committed: usize,
}

impl Reservation {
    /// Returns a source that reserves [`DEFAULT_RESERVATION`] bytes at the first `acquire`. O(1).
    ///
    /// ```
    /// let source = mmap_backed::Reservation::new();
    /// assert_eq!(source.reserved(), 0, "no `acquire` yet");
    /// ```
    pub const fn new() -> Self {
        Self::with_limit(DEFAULT_RESERVATION)
    }

    /// Returns a source that reserves at most `limit` bytes, rounded up to whole OS pages, at the first
    /// `acquire`. O(1).
    ///
    /// ```
    /// use core_api::Source;
    /// let mut source = mmap_backed::Reservation::with_limit(1 << 20);
    /// assert!(source.acquire(2 << 20).is_none(), "more than the limit");
    /// assert!(source.acquire(1 << 20).is_some());
    /// ```
    pub const fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            mapping: Mapping::NONE,
            committed: 0,
        }
    }

    /// Returns the bytes of reserved address space; 0 before the first region. O(1).
    ///
    /// ```
    /// use core_api::Source;
    /// let mut source = mmap_backed::Reservation::with_limit(1 << 20);
    /// source.acquire(1).unwrap();
    /// assert_eq!(source.reserved(), 1 << 20);
    /// ```
    pub const fn reserved(&self) -> usize {
        self.mapping.len()
    }

    /// Returns the readable and writable bytes: the length of the region. O(1).
    ///
    /// ```
    /// use core_api::Source;
    /// let mut source = mmap_backed::Reservation::new();
    /// let region = source.acquire(1).unwrap();
    /// assert_eq!(source.committed(), region.len());
    /// ```
    #[inline]
    pub const fn committed(&self) -> usize {
        self.committed
    }

    /// Returns whether `address` lies in the reservation, committed or not. O(1).
    ///
    /// ```
    /// use core_api::Source;
    /// let mut source = mmap_backed::Reservation::with_limit(1 << 20);
    /// let start = source.acquire(1).unwrap().start();
    /// assert!(source.contains(start + (1 << 20) - 1));
    /// assert!(!source.contains(start + (1 << 20)));
    /// ```
    #[inline]
    pub fn contains(&self, address: usize) -> bool {
        self.mapping.contains(address)
    }

    /// Returns all of the reservation; [`Mapping::NONE`] before the first region.
    pub(crate) const fn mapping(&self) -> Mapping {
        self.mapping
    }

    /// Returns the committed start of the reservation.
    pub(crate) fn region(&self) -> Region {
        // SAFETY: by I1 the first `committed` bytes of the reservation are accessible.
        unsafe { Region::new(self.mapping.base(), self.committed) }
    }

    fn reserve(&self, min_len: usize) -> Option<Mapping> {
        let all = checked_round_up(self.limit, os::page_size())?;
        if all < min_len {
            return None;
        }
        Mapping::reserved(all).or_else(|| reserve_half_of_what_there_is(all, min_len))
    }

    /// Commits at least `by` more bytes: a whole step if the system grants it.
    fn commit(&mut self, by: usize) -> Option<Region> {
        let page = os::page_size();
        let room = self.mapping.len() - self.committed;
        let least = checked_round_up(by, page).filter(|&least| least <= room)?;
        let step = round_up(SMALLEST_STEP.max(self.committed / 8), page);
        let step = step.max(least).min(room);
        // SAFETY: by I1 everything from `committed` to the end is reserved, and `least <= step
        // <= room`.
        let by = unsafe {
            if self.mapping.commit(self.committed, step) {
                step
            } else if self.mapping.commit(self.committed, least) {
                least
            } else {
                return None;
            }
        };
        self.committed += by;
        Some(self.region())
    }

    /// Gives the last `by` committed bytes back; `by` is a multiple of the page size.
    fn decommit(&mut self, by: usize) {
        let kept = self.committed - by;
        // SAFETY: by I1 the bytes are committed. The heap gave them up when it called `release` or
        // `release_tail`.
        if unsafe { self.mapping.decommit(kept, by) } {
            self.committed = kept;
        }
    }
}

impl Default for Reservation {
    fn default() -> Self {
        Self::new()
    }
}

/// Halves `len` until the system grants it, and keeps half of that.
#[cold]
fn reserve_half_of_what_there_is(len: usize, min_len: usize) -> Option<Mapping> {
    let page = os::page_size();
    let mut len = round_down(len / 2, page);
    while len >= min_len.max(page) {
        if let Some(granted) = Mapping::reserved(len) {
            let kept = round_up((len / 2).max(min_len), page).min(len);
            let (kept, rest) = granted.split_at(kept);
            // SAFETY: the mapping is new, and `rest` has not been handed out.
            unsafe { rest.unmap() };
            return Some(kept);
        }
        len = round_down(len / 2, page);
    }
    None
}

// SAFETY: the region is the committed start of a mapping that only this value uses (I1). The mapping lives
// until the value is dropped, and does not move with it. The source hands out no second region before the
// first is released. Committed pages are new or mapped anew, so they are zero.
unsafe impl Source for Reservation {
    const ZEROED: bool = true;
    const CAN_RELEASE: bool = true;
    const GROWTH: Growth = Growth::InPlace;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        if self.committed > 0 {
            return None;
        }
        if self.reserved() == 0 {
            self.mapping = self.reserve(min_len)?;
        }
        self.commit(min_len.max(1))
    }

    unsafe fn extend(&mut self, region: Region, by: usize) -> Option<Region> {
        debug_assert_eq!(region, self.region());
        self.commit(by)
    }

    unsafe fn release(&mut self, region: Region) {
        debug_assert_eq!(region, self.region());
        self.decommit(self.committed);
    }

    unsafe fn release_tail(&mut self, region: Region, by: usize) -> Region {
        debug_assert_eq!(region, self.region());
        debug_assert!(by <= region.len());
        let by = round_down(by.min(self.committed), os::page_size());
        if by > 0 {
            self.decommit(by);
        }
        self.region()
    }

    fn granularity(&self) -> usize {
        os::page_size()
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: the heap that owns this source is dropped, and its blocks with it.
        unsafe { self.mapping.unmap() };
    }
}
