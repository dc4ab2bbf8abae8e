//! How much free memory to keep, learned from the program's later requests.
//!
//! Giving memory back is cheap, unless the program needs it again soon: then it costs two system calls and a
//! fault for each OS page. This file reads no clock: freed bytes measure time.
#![forbid(unsafe_code)]

use core_api::Corruption;

/// The least free memory that the heap keeps.
const LEAST_KEPT: usize = 64 << 10;
/// The most free memory that the heap keeps because its end moves up and down.
const MOST_KEPT_AT_TOP: usize = 4 << 20;
/// The initial threshold: requests of this size or more get a mapping of their own.
pub(crate) const LEAST_DIRECT: usize = 128 << 10;
/// Requests of this size or more always get a mapping of their own (as in glibc on 64-bit systems).
pub(crate) const MOST_DIRECT: usize = 32 << 20;

/// Freed bytes that pay for one purge, and for the faults when the program touches the pages again.
const PURGE_PRICE: usize = 64 << 10;
/// Free bytes within the heap that maintenance ignores, unless the heap is drained.
const LEAST_DIRTY: usize = 1 << 20;
/// A heap is drained if nothing is live, or less than 1/32 of the committed bytes beyond [`LEAST_DIRTY`].
const DRAINED: usize = 32;

/// The result of one maintenance pass, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tidied {
    /// Bytes given back from the heap's end.
    pub(crate) trimmed: usize,
    /// Bytes still committed.
    pub(crate) committed: usize,
    /// Number of system calls that freed pages within the heap.
    pub(crate) purges: usize,
}

/// The state of the adaptive rule.
///
/// glibc raises its threshold whenever a program frees a mapping. So one large block, freed at the end of a
/// phase, makes glibc keep large blocks, and twice as much free memory, for good. Here the program must free
/// a mapping *and request it again*, and idle memory lowers the threshold again.
#[derive(Debug)]
pub(crate) struct Retention {
    /// Free bytes that maintenance leaves at the heap's end.
    kept: usize,
    /// Length of the mapping that was given back last.
    unmapped: usize,
    /// Bytes trimmed from the heap's end that the program has not needed again.
    trimmed: usize,
    /// Committed bytes after the last maintenance.
    committed: usize,
    /// Payload bytes of the heap's used blocks (I6).
    live: usize,
    /// Bytes that the program may still free before the next maintenance.
    allowance: usize,
    /// If fewer bytes than this are live, maintenance is due at once, because the heap is drained.
    ebb: usize,
}

impl Retention {
    pub(crate) const fn new() -> Self {
        Self {
            kept: LEAST_KEPT,
            unmapped: 0,
            trimmed: 0,
            committed: 0,
            live: 0,
            allowance: LEAST_KEPT,
            ebb: 0,
        }
    }

    /// Returns the free bytes that maintenance leaves at the heap's end.
    pub(crate) const fn kept(&self) -> usize {
        self.kept
    }

    /// Returns the smallest request that gets a mapping of its own: half of the free memory that the heap
    /// keeps, but at least [`LEAST_DIRECT`].
    #[inline]
    pub(crate) const fn direct_from(&self) -> usize {
        if self.kept / 2 > LEAST_DIRECT {
            self.kept / 2
        } else {
            LEAST_DIRECT
        }
    }

    /// Counts bytes allocated in the heap.
    #[inline]
    pub(crate) const fn allocated(&mut self, bytes: usize) {
        self.live = self.live.wrapping_add(bytes);
    }

    /// Counts bytes freed in the heap; returns true if maintenance is due.
    #[inline]
    pub(crate) const fn is_due_after(&mut self, freed: usize) -> bool {
        self.live = self.live.wrapping_sub(freed);
        match self.allowance.checked_sub(freed) {
            Some(rest) => {
                self.allowance = rest;
                self.live < self.ebb
            }
            None => true,
        }
    }

    /// Records that a mapping of `len` bytes was given back.
    pub(crate) const fn unmapped(&mut self, len: usize) {
        self.unmapped = len;
    }

    /// Records that a request of `size` bytes is about to get a mapping. If it would have fitted in the
    /// mapping given back last, the heap serves such requests itself from now on.
    // ANCHOR: wanted
    pub(crate) fn wanted(&mut self, size: usize) {
        if size <= self.unmapped && size < MOST_DIRECT {
            self.kept = self.kept.max(2 * size + 2);
            self.unmapped = 0;
        }
    }
    // ANCHOR_END: wanted

    /// Begins maintenance, with this many bytes committed. The heap should have kept the bytes that were
    /// trimmed and committed again; it keeps that much more from now on.
    pub(crate) fn grew_to(&mut self, committed: usize) {
        let grown = committed.saturating_sub(self.committed);
        let again = grown.min(self.trimmed);
        self.trimmed -= again;
        self.kept = self.kept.max((self.kept + again).min(MOST_KEPT_AT_TOP));
    }

    /// Returns true if so few of the `committed` bytes are live that purging pays; `top` of them are free at
    /// the heap's end. In a denser heap the program would soon reuse the holes, and fault their pages in again.
    pub(crate) fn is_sparse(&self, committed: usize, top: usize) -> bool {
        let free = committed.saturating_sub(top).saturating_sub(self.live);
        match self.is_drained(committed) {
            true => free > self.kept,
            false => free > LEAST_DIRTY.max(self.live / 4),
        }
    }

    fn is_drained(&self, committed: usize) -> bool {
        self.live < ebb_of(committed)
    }

    /// Ends maintenance with its result, and computes when the next one is due.
    ///
    /// That is when the program has freed a quarter of the live bytes and enough bytes to pay for this
    /// maintenance's system calls. It is due earlier if the heap is drained, and then each time the live bytes
    /// have halved.
    pub(crate) fn tidied(&mut self, found: Tidied) {
        self.trimmed += found.trimmed;
        self.kept = self.kept.saturating_sub(found.trimmed / 4).max(LEAST_KEPT);
        self.committed = found.committed;
        let price = (found.purges * PURGE_PRICE).min(self.live / 2);
        self.allowance = self.kept.max(self.live / 4).max(price);
        self.ebb = match self.is_drained(found.committed) {
            true => self.live / 2,
            false => ebb_of(found.committed),
        };
    }

    /// Forgets everything learned, but keeps the count of live bytes.
    pub(crate) const fn forget(&mut self) {
        let live = self.live;
        *self = Self::new();
        self.live = live;
    }

    /// Tests I6 and I7; `used` is the walk's sum of used payloads.
    pub(crate) fn check(&self, used: usize) -> Result<(), Corruption> {
        let is_within_bounds = (LEAST_KEPT..=2 * MOST_DIRECT).contains(&self.kept);
        let broken = match (self.live == used, is_within_bounds) {
            (true, true) => return Ok(()),
            (false, _) => "I6: the count of live bytes is the sum of the heap's used payloads",
            (true, false) => "I7: the free memory worth keeping lies between its bounds",
        };
        Err(Corruption::new(broken, core::ptr::from_ref(self).addr()))
    }
}

/// Returns the live bytes below which a heap of `committed` bytes is drained; 0 for a small heap.
const fn ebb_of(committed: usize) -> usize {
    let share = committed.saturating_sub(LEAST_DIRTY) / DRAINED;
    let is_small = committed <= 4 * LEAST_KEPT;
    if is_small || share > 1 { share } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1 << 10;
    const MIB: usize = 1 << 20;

    /// Allocates and frees one large block over and over; returns how many times it got a mapping.
    fn mappings_of(sizes: impl Iterator<Item = usize>) -> usize {
        let mut retention = Retention::new();
        let mut n_mapped = 0;
        for size in sizes {
            if size >= retention.direct_from() {
                retention.wanted(size);
            }
            if size >= retention.direct_from() {
                n_mapped += 1;
                retention.unmapped(size);
            }
        }
        n_mapped
    }

    #[test]
    fn a_block_just_above_the_threshold_is_mapped_once() {
        assert_eq!(mappings_of([LEAST_DIRECT; 1000].into_iter()), 1);
        assert_eq!(mappings_of([MIB; 1000].into_iter()), 1);
    }

    #[test]
    fn the_largest_blocks_are_always_mapped() {
        assert_eq!(mappings_of([MOST_DIRECT; 10].into_iter()), 10);
    }

    #[test]
    fn growing_blocks_do_not_raise_the_threshold() {
        let doubling = (17..25).map(|log| 1 << log);
        assert_eq!(mappings_of(doubling), 8);
    }

    #[test]
    fn a_freed_mapping_alone_changes_nothing() {
        let mut retention = Retention::new();
        retention.unmapped(MIB);
        assert_eq!(retention.direct_from(), LEAST_DIRECT);
        retention.wanted(MIB);
        assert!(retention.direct_from() > MIB);
    }

    fn trimmed(trimmed: usize, committed: usize) -> Tidied {
        Tidied {
            trimmed,
            committed,
            ..Tidied::default()
        }
    }

    #[test]
    fn a_ramp_keeps_the_least() {
        let mut retention = Retention::new();
        for committed in (0..100).rev().map(|mib| mib * MIB) {
            retention.grew_to(committed + MIB);
            retention.tidied(trimmed(MIB, committed));
        }
        assert_eq!(retention.kept(), LEAST_KEPT);
    }

    #[test]
    fn memory_that_is_wanted_again_is_kept_the_next_time() {
        let mut retention = Retention::new();
        retention.grew_to(2 * MIB);
        retention.tidied(trimmed(MIB, MIB));
        assert_eq!(retention.kept(), LEAST_KEPT);
        retention.grew_to(2 * MIB);
        assert_eq!(retention.kept(), LEAST_KEPT + MIB);
    }

    #[test]
    fn idle_memory_lowers_the_threshold_again() {
        let mut retention = Retention::new();
        retention.unmapped(8 * MIB);
        retention.wanted(8 * MIB);
        for _ in 0..16 {
            retention.tidied(trimmed(4 * MIB, 0));
        }
        assert_eq!(retention.direct_from(), LEAST_DIRECT);
    }

    #[test]
    fn tidying_is_paid_for_by_freed_bytes() {
        let mut retention = Retention::new();
        retention.allocated(40 * MIB);
        retention.tidied(trimmed(0, 50 * MIB));
        assert!(!retention.is_due_after(10 * MIB));
        assert!(retention.is_due_after(1));
        retention.tidied(Tidied {
            purges: 200,
            ..trimmed(0, 50 * MIB)
        });
        assert!(!retention.is_due_after(200 * PURGE_PRICE));
        assert!(retention.is_due_after(1));
    }

    #[test]
    fn a_heap_is_sparse_when_a_fifth_of_it_is_free() {
        let mut retention = Retention::new();
        retention.allocated(40 * MIB);
        assert!(!retention.is_sparse(60 * MIB, 10 * MIB));
        assert!(retention.is_sparse(60 * MIB + 1, 10 * MIB));
        assert!(!Retention::new().is_sparse(LEAST_KEPT, 0));
    }

    #[test]
    fn a_drained_heap_is_tidied_before_a_quarter_is_freed() {
        let mut retention = Retention::new();
        retention.allocated(10 * MIB);
        retention.tidied(trimmed(0, 400 * MIB));
        assert!(retention.is_drained(400 * MIB));
        assert!(retention.is_due_after(10 * MIB - 40 * KIB));
        retention.tidied(trimmed(0, 400 * MIB));
        assert!(!retention.is_due_after(20 * KIB), "by a half each time");
        assert!(retention.is_due_after(1));
        assert!(!retention.is_drained(MIB), "that is a small heap");
    }
}
