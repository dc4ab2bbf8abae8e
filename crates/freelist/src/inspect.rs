//! Looking into the heap: from header to header.

use core::ops::ControlFlow;

use core_api::align::is_aligned;
use core_api::{Block, BlockState, Corruption, Inspect, Source};

use crate::FreeList;
use crate::free_list::NONE;
use crate::header::{GRANULE, HEADER, Header, State};

const I1: &str =
    "I1: first <= top <= end, all multiples of 8, and the bytes between are the region's";
const I2: &str = "I2: every block has a header with its state and a size that the state allows";
const I3: &str = "I3: blocks tile the heap from first to top";
const I4: &str = "I4: the free list holds every free block exactly once, and ends";

/// The blocks in address order: each one's address and header, or why it is none, and then no more.
struct Blocks<'a, S: Source> {
    heap: &'a FreeList<S>,
    next: usize,
}

impl<S: Source> Iterator for Blocks<'_, S> {
    type Item = Result<(usize, Header), Corruption>;

    fn next(&mut self) -> Option<Self::Item> {
        let address = self.next;
        if address >= self.heap.top() {
            return None;
        }
        self.next = self.heap.top();
        // SAFETY: a granule between first and top.
        let Some(header) = (unsafe { self.heap.header(address) }) else {
            return Some(broken(I2, address));
        };
        if header.size() > self.heap.top() - address {
            return Some(broken(I3, address));
        }
        self.next = address + header.size();
        Some(Ok((address, header)))
    }
}

fn broken<T>(invariant: &'static str, address: usize) -> Result<T, Corruption> {
    Err(Corruption::new(invariant, address))
}

/// How many blocks there are in a set of them, and a sum that tells sets of one number apart.
#[derive(Default, PartialEq, Eq)]
struct Tally {
    n_blocks: usize,
    addresses: usize,
}

impl Tally {
    fn count(&mut self, address: usize) {
        self.n_blocks += 1;
        self.addresses = self.addresses.wrapping_add(address);
    }
}

impl<S: Source> FreeList<S> {
    fn blocks(&self) -> Blocks<'_, S> {
        Blocks {
            heap: self,
            next: self.first(),
        }
    }

    /// Visits the free blocks in the order in which a request is offered them: the last freed
    /// first. O(free blocks).
    ///
    /// Stops early, and says so, when `visit` breaks; stops too at a link that leads nowhere.
    ///
    /// ```
    /// use core_api::{Allocator, SizelessFree, StaticHeap};
    /// static HEAP: StaticHeap = StaticHeap::new();
    /// let mut heap = freelist::FreeList::new(&HEAP);
    /// let block = heap.allocate(core::alloc::Layout::new::<u64>())?.cast();
    /// // SAFETY: the block is live and not used again.
    /// unsafe { heap.free(block) };
    /// let first = heap.walk_free(&mut |free| {
    ///     assert_eq!(free.size, 16, "header included");
    ///     core::ops::ControlFlow::Break(())
    /// });
    /// assert!(first.is_break(), "one was visited");
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub fn walk_free(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut link = self.head();
        while let Some(header) = self.free_header(link) {
            visit(described(link, header))?;
            // SAFETY: a free block.
            link = unsafe { self.next(link) };
        }
        ControlFlow::Continue(())
    }

    /// The header that a link leads to, if that is a free block's.
    fn free_header(&self, link: usize) -> Option<Header> {
        if !self.has_granule(link) {
            return None;
        }
        // SAFETY: just tested.
        let header = unsafe { self.header(link) };
        header.filter(|header| header.state == State::Free)
    }

    fn check_borders(&self) -> Result<(), Corruption> {
        if self.region().is_empty() {
            return Ok(());
        }
        let borders = [self.first(), self.top(), self.end(), self.region().end()];
        let aligned = is_aligned(self.top(), GRANULE) && is_aligned(self.end(), GRANULE);
        if !(borders.is_sorted() && aligned) {
            return broken(I1, self.top());
        }
        Ok(())
    }

    /// Compares the list with the `free` blocks of the heap by number and sum of addresses.
    fn check_list(&self, free: &Tally) -> Result<(), Corruption> {
        let mut listed = Tally::default();
        let mut link = self.head();
        while link != NONE {
            if listed.n_blocks == free.n_blocks || self.free_header(link).is_none() {
                return broken(I4, link);
            }
            listed.count(link);
            // SAFETY: a free block.
            link = unsafe { self.next(link) };
        }
        if listed != *free {
            return broken(I4, self.head());
        }
        Ok(())
    }
}

impl<S: Source> Inspect for FreeList<S> {
    /// Blocks as their headers say, then the untouched end, which is free. The fewer than 8 bytes
    /// before the first block and after the end are left out. From a header that is none, the rest
    /// of the blocks is one of metadata.
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        for block in self.blocks() {
            visit(match block {
                Ok((address, header)) => described(address, header),
                Err(Corruption { address, .. }) => lost(address, self.top()),
            })?;
        }
        match self.untouched() {
            0 => ControlFlow::Continue(()),
            size => visit(Block {
                address: self.top(),
                size,
                overhead: 0,
                state: BlockState::Free,
            }),
        }
    }

    /// O(blocks).
    fn check(&self) -> Result<(), Corruption> {
        self.check_borders()?;
        let mut free = Tally::default();
        for block in self.blocks() {
            let (address, header) = block?;
            if header.state == State::Free {
                free.count(address);
            }
        }
        self.check_list(&free)
    }
}

fn described(address: usize, header: Header) -> Block {
    Block {
        address,
        size: header.size(),
        overhead: HEADER,
        state: match header.state {
            State::Used => BlockState::Used,
            State::Free => BlockState::Free,
            State::Pad => BlockState::Metadata,
        },
    }
}

fn lost(address: usize, end: usize) -> Block {
    Block {
        address,
        size: end - address,
        overhead: end - address,
        state: BlockState::Metadata,
    }
}

#[cfg(test)]
mod tests {
    use core::alloc::Layout;
    use core::mem::MaybeUninit;

    use super::*;
    use core_api::{Allocator, Borrowed};

    #[test]
    fn check_finds_a_displaced_top() {
        let check_after = |by: isize| {
            let mut buffer = [MaybeUninit::new(0); 512];
            let mut heap = FreeList::new(Borrowed::new(&mut buffer));
            heap.allocate(Layout::new::<[u64; 4]>()).expect("room");
            heap.displace_top(by);
            heap.check().map_err(|corruption| corruption.invariant)
        };
        assert_eq!(check_after(0), Ok(()));
        assert_eq!(check_after(-48), Err(I1), "before the first block");
        assert_eq!(check_after(512), Err(I1), "beyond the end");
        assert_eq!(check_after(-4), Err(I1), "between granules");
        assert_eq!(check_after(-8), Err(I3), "within the last block");
        assert_eq!(check_after(8), Err(I2), "behind the last block");
    }
}
