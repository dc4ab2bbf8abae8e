//! Checks a heap against the invariants in the crate's documentation.
//!
//! A check trusts nothing: it compares each offset with the region before it follows the offset.

use coalescing::bins::{Bin, bin_of};
use core_api::{Corruption, Source};

use crate::Offset;
use crate::heap::{HeaderlessHeap, MIN_SIZE};
use crate::layout::Plan;
use crate::lists::Found;
use crate::memory::PAIR;

const I1: &str = "I1: metadata, blocks and top fill the region, and used blocks have two granules";
const I2: &str = "I2: an edge bit is set if and only if a free block begins or ends in the pair";
const I3: &str = "I3: the first and the last four bytes of a free block hold its size";
const I4: &str = "I4: no two free blocks touch, nor does one touch the top";
const I5: &str = "I5: free blocks with room for links, and no others, are in the list of their bin";
const I6: &str = "I6: lists are circles: the block before the next one is the block itself";
const I7: &str = "I7: a bin's bit is set if and only if its list has a block";

type Check = Result<(), Corruption>;

/// The numbers of listed blocks and of edge bits that the blocks imply.
#[derive(Default)]
struct Seen {
    n_listed: usize,
    n_edges: usize,
}

impl<S: Source> HeaderlessHeap<S> {
    pub(crate) fn check_invariants(&self) -> Check {
        let Some(plan) = Plan::new(self.region) else {
            return self.ensure(self.top == 0 && self.end == 0, I1, 0);
        };
        let planned = (plan.first, plan.end) == (self.first, self.end);
        let has_top = self.first <= self.top && self.top <= self.end;
        self.ensure(planned && has_top, I1, self.top)?;
        let seen = self.check_blocks()?;
        self.ensure(self.n_edges() == seen.n_edges, I2, self.top)?;
        self.check_lists(plan.n_bins, seen.n_listed)
    }

    /// Returns the corruption at `block` unless `holds`.
    fn ensure(&self, holds: bool, invariant: &'static str, block: Offset) -> Check {
        let address = self.address_of(block);
        holds
            .then_some(())
            .ok_or(Corruption::new(invariant, address))
    }

    /// Checks I1 to I4 for the free blocks and the ranges between them.
    fn check_blocks(&self) -> Result<Seen, Corruption> {
        let mut seen = Seen::default();
        let mut used = self.first;
        for found in self.free_blocks() {
            let is_first = found.block == self.first;
            self.check_used(used, found.block, is_first)?;
            self.check_free(found)?;
            used = found.block + found.size;
            let last = used - 1;
            seen.n_listed += usize::from(found.size >= MIN_SIZE);
            seen.n_edges += if found.block / PAIR == last / PAIR {
                1
            } else {
                2
            };
        }
        self.check_used(used, self.top, self.top == self.first)?;
        Ok(seen)
    }

    /// Checks I1 and I4 for the range between two free blocks.
    fn check_used(&self, from: Offset, to: Offset, may_be_empty: bool) -> Check {
        self.ensure(from != to || may_be_empty, I4, to)?;
        self.ensure(from == to || to - from >= MIN_SIZE, I1, to)
    }

    /// Checks I2 and I3 for a free block.
    fn check_free(&self, found: Found) -> Check {
        let end = found.block + found.size;
        // SAFETY: the walk returns only blocks that lie among the blocks, below the top.
        let (edge, size) = unsafe { (self.memory.is_edge(end - 1), self.memory.size_before(end)) };
        self.ensure(edge, I2, end - 1)?;
        self.ensure(size == found.size, I3, found.block)
    }

    /// Counts the set edge bits.
    fn n_edges(&self) -> usize {
        // SAFETY: by the plan the region has granules up to `end`.
        let next = |from| unsafe { self.memory.next_edge(from, self.end) };
        core::iter::successors(next(0), |&edge| next(edge + PAIR)).count()
    }

    /// Checks I5, I6 and I7.
    fn check_lists(&self, n_bins: Bin, n_listed: usize) -> Check {
        let mut n_found = 0;
        for bin in 0..n_bins {
            n_found += self.check_list(bin, n_listed)?;
        }
        self.ensure(n_found == n_listed, I5, self.top)?;
        let is_stray = self.bins.first_from(n_bins).is_some();
        self.ensure(!is_stray && self.bins.is_bounded(), I7, n_bins)
    }

    fn check_list(&self, bin: Bin, n_listed: usize) -> Result<usize, Corruption> {
        let mut n_found = 0;
        let mut node = bin;
        loop {
            // SAFETY: `node` is a head, or a free block by the checks below.
            let next = unsafe { self.memory.next(node) };
            if next != bin {
                self.ensure(n_found < n_listed, I5, node)?;
                self.ensure(self.first <= next && next < self.top, I5, node)?;
                self.check_listed(next, bin)?;
                n_found += 1;
            }
            // SAFETY: as for `node`.
            let back = unsafe { self.memory.previous(next) };
            self.ensure(back == node, I6, next)?;
            if next == bin {
                break;
            }
            node = next;
        }
        self.ensure(self.bins.is_set(bin) == (n_found != 0), I7, bin)?;
        Ok(n_found)
    }

    /// Checks I5 for one block in the list of `bin`.
    fn check_listed(&self, block: Offset, bin: Bin) -> Check {
        // SAFETY: the caller has checked that the offset lies among the blocks, below the top.
        let (size, edge) = unsafe { (self.memory.size(block), self.memory.is_edge(block)) };
        let is_block = edge && MIN_SIZE <= size && size < self.top - block;
        self.ensure(is_block && bin_of(size) == bin, I5, block)
    }
}
