//! How much free memory pays to be kept, learned from what the program asks for again.
//!
//! Giving memory back is cheap once and dear when it is wanted again at once: two system calls and
//! a fault for each OS page. Nothing here looks at a clock; bytes freed are the measure of time.
#![forbid(unsafe_code)]

use core_api::Corruption;

/// Free bytes that are always worth keeping.
const LEAST_KEPT: usize = 64 << 10;
/// The most that is kept because the heap's end keeps moving up and down.
const MOST_KEPT_AT_TOP: usize = 4 << 20;
/// Requests of this size get a mapping of their own, at first.
pub(crate) const LEAST_DIRECT: usize = 128 << 10;
/// Requests of this size always get a mapping of their own (as in glibc on 64-bit systems).
pub(crate) const MOST_DIRECT: usize = 32 << 20;

/// Freed bytes that pay for one system call within the heap and for touching its pages again.
const PURGE_PRICE: usize = 64 << 10;
/// Free bytes within the heap that are left alone while there is more than a little live.
const LEAST_DIRTY: usize = 1 << 20;
/// A heap with nothing live, or less than one byte in so many beyond [`LEAST_DIRTY`], is drained.
const DRAINED: usize = 32;

/// What was done to the heap and how it is now, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tidied {
    /// Given back from the heap's end.
    pub(crate) trimmed: usize,
    /// Still committed.
    pub(crate) committed: usize,
    /// Number of system calls that freed pages within the heap.
    pub(crate) purges: usize,
}

/// The state of one adaptive rule.
///
/// glibc raises its threshold whenever a mapping is freed, so one large block freed at exit of a
/// phase makes it keep large blocks, and twice as much free memory, for good. Here a mapping must
/// be freed *and wanted again*; and memory that lies idle lowers the threshold again.
#[derive(Debug)]
pub(crate) struct Retention {
    /// Free bytes that stay at the heap's end when it is tidied.
    kept: usize,
    /// Length of the mapping that was given back last.
    unmapped: usize,
    /// Bytes trimmed from the heap's end and not wanted again so far.
    trimmed: usize,
    /// Committed bytes after the last tidying.
    committed: usize,
    /// Payload bytes of the heap's used blocks (I6).
    live: usize,
    /// Bytes that may still be freed before the heap is tidied.
    allowance: usize,
    /// Live bytes below which the heap is tidied at once, since it is drained.
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

    /// Free bytes that stay at the heap's end.
    pub(crate) const fn kept(&self) -> usize {
        self.kept
    }

    /// Requests of at least this many bytes get a mapping of their own: what is larger than half
    /// of the free memory that is kept anyway.
    #[inline]
    pub(crate) const fn direct_from(&self) -> usize {
        if self.kept / 2 > LEAST_DIRECT {
            self.kept / 2
        } else {
            LEAST_DIRECT
        }
    }

    /// Counts bytes that were allocated in the heap.
    #[inline]
    pub(crate) const fn allocated(&mut self, bytes: usize) {
        self.live = self.live.wrapping_add(bytes);
    }

    /// Counts bytes that were freed in the heap; `true` when it is time to tidy up.
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

    /// A mapping of `len` bytes was given back.
    pub(crate) const fn unmapped(&mut self, len: usize) {
        self.unmapped = len;
    }

    /// A request of `size` bytes is about to get a mapping. If the last one given back would have
    /// served, such requests stay in the heap from now on.
    // ANCHOR: wanted
    pub(crate) fn wanted(&mut self, size: usize) {
        if size <= self.unmapped && size < MOST_DIRECT {
            self.kept = self.kept.max(2 * size + 2);
            self.unmapped = 0;
        }
    }
    // ANCHOR_END: wanted

    /// Tidying begins, with this many bytes committed. What was trimmed and committed again should
    /// have been kept.
    pub(crate) fn grew_to(&mut self, committed: usize) {
        let grown = committed.saturating_sub(self.committed);
        let again = grown.min(self.trimmed);
        self.trimmed -= again;
        self.kept = self.kept.max((self.kept + again).min(MOST_KEPT_AT_TOP));
    }

    /// Whether so few of `committed` bytes are live, `top` of them free at the heap's end, that it is
    /// worth looking for free pages: holes that come and go beside live blocks would only be faulted
    /// in again.
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

    /// Tidying ended, and this is what it found.
    ///
    /// The next time is due when a quarter of the live bytes has been freed, and not before the system
    /// calls of this time are paid for; or when the heap is drained, by a half each time.
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

    /// Nothing learned; the same bytes live.
    pub(crate) const fn forget(&mut self) {
        let live = self.live;
        *self = Self::new();
        self.live = live;
    }

    /// Tests I6 and I7; `used` is what the walk finds.
    pub(crate) fn check(&self, used: usize) -> Result<(), Corruption> {
        let is_within_bounds = (LEAST_KEPT..=2 * MOST_DIRECT).contains(&self.kept);
        let broken = match (self.live == used, is_within_bounds) {
            (true, true) => return Ok(()),
            (false, _) => "I6: the count of live bytes is the sum of the heap's used payloads",
            (true, false) => "I7: the free memory worth keeping lies between its bounds",
        };
        Err(Corruption {
            invariant: broken,
            address: core::ptr::from_ref(self).addr(),
        })
    }
}

/// Live bytes below which a heap of `committed` bytes is drained; none if it is small anyway.
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

    /// One large block allocated and freed over and over; returns how many got a mapping.
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
