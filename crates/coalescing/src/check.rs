//! Checks a heap against the invariants in the crate's documentation.
//!
//! A check trusts nothing: it compares each offset with the regions before it follows the offset.

use core_api::{Corruption, Source};

use crate::bins::{Bin, bin_of};
use crate::header::Header;
use crate::heap::CoalescingHeap;
use crate::merging::Merging;
use crate::regions::Span;
use crate::{Granules, Offset};

const I1: &str = "I1: the blocks of a region follow one another from its start to its end";
const I2: &str = "I2: the previous-used bit is set if and only if the block before is used";
const I3: &str = "I3: the last four bytes of a free block hold its size";
const I4: &str = "I4: no two free blocks touch";
const I5: &str = "I5: free blocks with room for links, and no others, are in the list of their bin";
const I6: &str = "I6: lists are circles: the block before the next one is the block itself";
const I7: &str = "I7: a bin's bit is set if and only if its list has a block";
const I8: &str = "I8: the last region ends with the top, which is free and in no list";
const I9: &str = "I9: on a source of zeros, memory above the mark and the top is zero";

const I10: &str = "I10: quick lists hold the deferred blocks of their size, and no others";

type Check = Result<(), Corruption>;

/// The numbers of blocks in the regions that belong in lists.
#[derive(Default)]
struct Seen {
    /// Blocks that belong in the bins' lists.
    n_listed: usize,
    /// Blocks that belong in the quick lists.
    n_deferred: usize,
}

impl<S: Source, const GRANULE: usize, M: Merging> CoalescingHeap<S, GRANULE, M> {
    pub(crate) fn check_invariants(&self) -> Check {
        let blocks = self.check_regions()?;
        if let Some(n_bins) = self.first_region_bins() {
            self.check_lists(n_bins, blocks.n_listed)?;
        }
        self.check_bits()?;
        self.check_top()?;
        self.check_fresh()?;
        self.check_deferred(blocks.n_deferred)
    }

    /// Returns the corruption at `block`'s header unless `holds`.
    fn ensure(&self, holds: bool, invariant: &'static str, block: Offset) -> Check {
        if holds {
            return Ok(());
        }
        let address = self.regions.address_of(block).wrapping_sub(Self::HEADER);
        Err(Corruption::new(invariant, address))
    }

    fn first_region_bins(&self) -> Option<Bin> {
        (!self.regions.is_empty()).then(|| self.regions.n_bins())
    }

    /// Checks I1 to I4 in every region; returns the numbers of blocks that belong in lists.
    fn check_regions(&self) -> Result<Seen, Corruption> {
        let mut seen = Seen::default();
        for region in self.regions.iter() {
            if let Some(span) = self.regions.span(region) {
                self.check_blocks(span, &mut seen)?;
            }
        }
        Ok(seen)
    }

    fn check_blocks(&self, span: Span, seen: &mut Seen) -> Check {
        let mut block = span.first;
        let mut before = Header::used(0);
        while block != span.end && block != self.top {
            // SAFETY: `block` is the region's first block or the end of the block before it (I1).
            let header = unsafe { self.regions.header(block) };
            // SAFETY: as above, and `header` is the block's own.
            let size = unsafe { self.size_of(block, header) };
            self.ensure(size != 0 && size <= span.end - block, I1, block)?;
            self.check_neighbours(block, before, header)?;
            seen.n_listed += usize::from(!header.is_used() && Self::is_listed(size));
            seen.n_deferred += usize::from(self.is_deferred(header));
            before = header;
            block += size;
        }
        // SAFETY: the walk ended at the top or at the end of the region; both have a header.
        let last = unsafe { self.regions.header(block) };
        self.ensure((block == self.top) != last.is_used(), I1, block)?;
        self.check_neighbours(block, before, last)
    }

    /// Checks I2, I3 and I4 between the block before `block` and `block` itself.
    fn check_neighbours(&self, block: Offset, before: Header, header: Header) -> Check {
        self.ensure(header.is_previous_used() == before.is_used(), I2, block)?;
        if !before.is_used() {
            // SAFETY: the block before is free and ends here; its last bytes are in the region.
            let footer = unsafe { self.regions.size_before(block) };
            self.ensure(footer == before.size(), I3, block)?;
        }
        self.ensure(before.is_used() || header.is_used(), I4, block)
    }

    /// Checks I5 to I7: the lists hold only blocks of their bin, and as many as the regions hold.
    fn check_lists(&self, n_bins: Bin, n_listed: usize) -> Check {
        let mut n_found = 0;
        for bin in 0..n_bins {
            n_found += self.check_list(bin, n_listed)?;
        }
        self.ensure(n_found == n_listed, I5, self.top)
    }

    fn check_list(&self, bin: Bin, n_listed: usize) -> Result<usize, Corruption> {
        let head = Self::head(bin);
        let mut n_found = 0;
        let mut node = head;
        loop {
            // SAFETY: `node` is a head or was found to be a free block in a region.
            let next = unsafe { self.regions.next(node) };
            if next != head {
                self.ensure(n_found < n_listed && self.is_in_region(next), I5, node)?;
                // SAFETY: the offset is within a region.
                let header = unsafe { self.regions.header(next) };
                let size: Granules = header.size();
                self.ensure(!header.is_used() && Self::is_listed(size), I5, next)?;
                self.ensure(bin_of(size) == bin, I5, next)?;
                n_found += 1;
            }
            // SAFETY: as for `node`.
            let back = unsafe { self.regions.previous(next) };
            self.ensure(back == node, I6, next)?;
            if next == head {
                break;
            }
            node = next;
        }
        self.ensure(self.bins.is_set(bin) == (n_found != 0), I7, head)?;
        Ok(n_found)
    }

    fn is_in_region(&self, block: Offset) -> bool {
        self.regions.iter().any(|region| {
            let span = self.regions.span(region);
            span.is_some_and(|span| span.first <= block && block < span.end)
        })
    }

    /// Checks I7: no bit is set beyond the last bin, and none beyond the bin where a search ends.
    fn check_bits(&self) -> Check {
        let n_bins = self.first_region_bins().unwrap_or(0);
        let stray = self.bins.first_from(n_bins).is_some();
        self.ensure(!stray && self.bins.is_bounded(), I7, Self::HEADS)
    }

    fn check_top(&self) -> Check {
        let last = self.regions.last();
        if last.is_empty() {
            return self.ensure(self.top == self.end, I8, self.top);
        }
        let span = self.regions.span(last);
        let fits = span.is_some_and(|span| {
            span.end == self.end && span.first <= self.top && self.top <= self.end
        });
        self.ensure(fits, I8, self.top)?;
        // SAFETY: the top lies in the last region.
        let header = unsafe { self.regions.header(self.top) };
        self.ensure(header == Header::TOP, I8, self.top)
    }

    /// Checks I9 for the first bytes only: checking all of them would take time proportional to the heap.
    fn check_fresh(&self) -> Check {
        if !S::ZEROED || self.regions.last().is_empty() {
            return Ok(());
        }
        let first = self.fresh.max(self.top);
        let sampled = first..self.end.min(first.saturating_add(64));
        for granule in sampled {
            // SAFETY: granules below `end` lie in the region. Its bytes are initialised, because the source handed
            // it out as zeros.
            let bytes = unsafe { self.regions.at(granule).cast::<u64>().read_unaligned() };
            let is_header = granule + 1 == self.end;
            self.ensure(bytes == 0 || is_header, I9, granule)?;
        }
        Ok(())
    }

    /// Checks I10: the quick lists hold only deferred blocks of their size, and as many as the regions hold.
    fn check_deferred(&self, n_deferred: usize) -> Check {
        let Some(lists) = self.merging.peek() else {
            return self.ensure(n_deferred == 0, I10, self.top);
        };
        let (mut n_found, mut n_granules) = (0, 0);
        for (size, &head) in (0..).zip(&lists.heads) {
            let mut block = head;
            while block != 0 {
                self.ensure(n_found < n_deferred && self.is_in_region(block), I10, block)?;
                // SAFETY: the offset is within a region.
                let (header, listed) =
                    unsafe { (self.regions.header(block), self.regions.previous(block)) };
                self.ensure(self.is_deferred(header) && listed == size, I10, block)?;
                n_found += 1;
                n_granules += size;
                // SAFETY: by I10, as checked above, the block is deferred: its first word is a link.
                block = unsafe { self.regions.next(block) };
            }
        }
        let are_counted = n_found == n_deferred && n_granules == lists.granules;
        self.ensure(are_counted, I10, self.top)
    }
}
