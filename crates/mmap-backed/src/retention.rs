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
const MOST_DIRECT: usize = 32 << 20;

/// Freed bytes that pay for one system call within the heap.
const PURGE_PRICE: usize = 1 << 10;

/// What was done to the heap and how it is now, in bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tidied {
    /// Given back from the heap's end.
    pub(crate) trimmed: usize,
    /// Still free there.
    pub(crate) top: usize,
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
    /// Free bytes that there may be at the heap's end before it is tidied.
    most_at_top: usize,
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
            most_at_top: 2 * LEAST_KEPT,
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

    /// Counts bytes that were freed in the heap, which now has `top` free bytes at its end; `true`
    /// when it is time to tidy up.
    #[inline]
    pub(crate) const fn is_due_after(&mut self, freed: usize, top: usize) -> bool {
        self.live = self.live.wrapping_sub(freed);
        match self.allowance.checked_sub(freed) {
            Some(rest) => {
                self.allowance = rest;
                top > self.most_at_top
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

    /// Whether `len` bytes of heap hold so few live ones that it is worth looking for free pages:
    /// holes that come and go beside live blocks would only be faulted in again.
    pub(crate) fn is_sparse(&self, len: usize) -> bool {
        len.saturating_sub(self.live) > self.kept.max(self.live / 4)
    }

    /// Tidying ended, and this is what it found.
    ///
    /// The next time is due when a quarter of the live bytes has been freed or lies idle at the
    /// heap's end, and not before the system calls of this time are paid for.
    pub(crate) fn tidied(&mut self, found: Tidied) {
        self.trimmed += found.trimmed;
        self.kept = self.kept.saturating_sub(found.trimmed / 4).max(LEAST_KEPT);
        self.committed = found.committed;
        self.allowance = self.kept.max(self.live / 4).max(found.purges * PURGE_PRICE);
        self.most_at_top = self.kept.max(found.top) + LEAST_KEPT.max(self.live / 4);
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

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(!retention.is_due_after(10 * MIB, 0));
        assert!(retention.is_due_after(1, 0));
        retention.tidied(Tidied {
            purges: 20_000,
            ..Tidied::default()
        });
        assert!(!retention.is_due_after(20_000 * PURGE_PRICE, 0));
        assert!(retention.is_due_after(1, 0));
    }

    #[test]
    fn a_heap_is_sparse_when_a_fifth_of_it_is_free() {
        let mut retention = Retention::new();
        retention.allocated(40 * MIB);
        assert!(!retention.is_sparse(50 * MIB));
        assert!(retention.is_sparse(50 * MIB + 1));
        assert!(!Retention::new().is_sparse(LEAST_KEPT));
    }

    #[test]
    fn idle_memory_at_the_end_does_not_wait() {
        let mut retention = Retention::new();
        assert!(!retention.is_due_after(0, 2 * LEAST_KEPT));
        assert!(retention.is_due_after(0, 2 * LEAST_KEPT + 1));
        retention.tidied(Tidied {
            top: MIB,
            ..Tidied::default()
        });
        assert!(
            !retention.is_due_after(0, MIB),
            "what cannot be trimmed is no reason"
        );
    }
}
