//! The heap walk, page by page: what each resident byte is for.
//!
//! The walk comes in address order within a region. So one page is open at a time: it collects its free bytes and the
//! blocks that keep it, and is settled when the walk reaches the next. Nothing here allocates once it is made.

use std::ops::{ControlFlow, Range};

use core_api::{Block, BlockState, Inspect};

use super::Parts;
use crate::memory::page_len;

/// A live block: where it is, its size, and who asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LiveBlock {
    pub(super) address: usize,
    pub(super) size: usize,
    pub(super) site: u32,
}

/// Bytes of whole pages of a range that are resident, and those of them that lie in huge pages.
pub(super) type Held<'a> = dyn Fn(Range<usize>) -> (usize, usize) + 'a;

/// A heap taken apart.
pub(super) struct Account<'a> {
    /// The live blocks, sorted by address.
    live: &'a [LiveBlock],
    resident: &'a Held<'a>,
    page_len: usize,
    parts: Parts,
    page: Page<'a>,
    /// Free bytes kept by each site.
    kept: &'a mut [f64],
}

/// The page that the walk is in.
struct Page<'a> {
    number: usize,
    free: usize,
    is_used: bool,
    /// The sites whose blocks lie in it.
    keepers: &'a mut Vec<u32>,
}

impl<'a> Account<'a> {
    /// Takes `heap` apart with these blocks live; adds to `kept`, and needs `keepers` with room for a page's blocks.
    pub(super) fn of(
        heap: &dyn Inspect,
        live: &'a [LiveBlock],
        resident: &'a Held<'a>,
        kept: &'a mut [f64],
        keepers: &'a mut Vec<u32>,
    ) -> Parts {
        keepers.clear();
        let mut account = Self {
            live,
            resident,
            page_len: page_len(),
            parts: Parts::default(),
            page: Page {
                number: 0,
                free: 0,
                is_used: false,
                keepers,
            },
            kept,
        };
        let _ = heap.walk(&mut |block| {
            account.add(block);
            ControlFlow::Continue(())
        });
        account.settle();
        account.parts
    }

    fn add(&mut self, block: Block) {
        match block.state {
            BlockState::Free => self.free(block.address..block.end()),
            BlockState::Used => self.used(block),
            _ => {
                self.touch(block.address, block.end(), None);
                self.parts.metadata += self.held(block.address..block.end());
            }
        }
    }

    /// A used block: the header, live blocks, and what is between and behind them.
    fn used(&mut self, block: Block) {
        let start = self
            .live
            .partition_point(|live| live.address < block.address);
        let n = self.live[start..].partition_point(|live| live.address < block.end());
        let mut requested = 0;
        let mut behind = block.address;
        self.touch(block.address, block.address + 1, None);
        for live in &self.live[start..start + n] {
            requested += live.size;
            behind = live.address + live.size;
            self.touch(live.address, behind, Some(live.site));
        }
        self.touch(block.end() - 1, block.end(), None);
        self.parts.live += requested;
        self.parts.metadata += block.overhead;
        // Whole pages behind the last request may never have been touched.
        let tail = self.held(behind.min(block.end())..block.end());
        let between = behind
            .saturating_sub(block.address + block.overhead)
            .saturating_sub(requested);
        self.parts.padding += between + tail;
    }

    /// A free block, whose whole pages may be resident or not.
    fn free(&mut self, range: Range<usize>) {
        let page = self.page_len;
        let (first, end) = (range.start.next_multiple_of(page), range.end / page * page);
        if first >= end {
            return self.free_in_pages(range);
        }
        self.free_in_pages(range.start..first);
        let (resident, huge) = (self.resident)(first..end);
        self.parts.free += resident - huge;
        self.parts.huge += huge;
        self.free_in_pages(end..range.end);
    }

    /// Free bytes that do not fill a page.
    fn free_in_pages(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let number = at / self.page_len;
            let next = ((number + 1) * self.page_len).min(range.end);
            self.open(number);
            self.page.free += next - at;
            at = next;
        }
    }

    /// Marks the pages of bytes in use.
    fn touch(&mut self, start: usize, end: usize, site: Option<u32>) {
        if end <= start {
            return;
        }
        let (first, last) = (start / self.page_len, (end - 1) / self.page_len);
        // Pages between the first and the last have no free byte.
        for number in std::iter::once(first).chain((last > first).then_some(last)) {
            self.open(number);
            self.page.is_used = true;
            if let Some(site) = site
                && self.page.keepers.len() < self.page.keepers.capacity()
            {
                self.page.keepers.push(site);
            }
        }
    }

    fn open(&mut self, number: usize) {
        if self.page.number != number {
            self.settle();
            self.page.number = number;
        }
    }

    /// Books the open page.
    fn settle(&mut self) {
        let (free, start) = (self.page.free, self.page.number * self.page_len);
        if free > 0 && self.page.is_used {
            self.parts.partly += free;
            let share = free as f64 / self.page.keepers.len() as f64;
            for site in &*self.page.keepers {
                self.kept[*site as usize] += share;
            }
        } else if free > 0 {
            let (resident, huge) = (self.resident)(start..start + self.page_len);
            self.parts.free += free.min(resident - huge);
            self.parts.huge += free.min(huge);
        }
        self.page.free = 0;
        self.page.is_used = false;
        self.page.keepers.clear();
    }

    /// Bytes of `range` that are resident, if its ends are.
    fn held(&self, range: Range<usize>) -> usize {
        let page = self.page_len;
        let (first, end) = (range.start.next_multiple_of(page), range.end / page * page);
        match first < end {
            true => range.len() - (end - first) + (self.resident)(first..end).0,
            false => range.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::pages::resident;
    use core_api::Corruption;

    /// A heap of made-up blocks.
    struct Made(Vec<Block>);

    impl Inspect for Made {
        fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
            self.0.iter().try_for_each(|block| visit(*block))
        }

        fn check(&self) -> Result<(), Corruption> {
            Ok(())
        }
    }

    fn block(address: usize, size: usize, overhead: usize, state: BlockState) -> Block {
        Block {
            address,
            size,
            overhead,
            state,
        }
    }

    /// Pages of this process that are resident.
    fn memory() -> Vec<u8> {
        vec![1; 16 * page_len()]
    }

    #[test]
    fn every_byte_of_a_page_is_for_something() {
        let memory = memory();
        let page = page_len();
        let base = memory.as_ptr().addr().next_multiple_of(page);
        let (used, free) = (BlockState::Used, BlockState::Free);
        let heap = Made(vec![
            block(base, 100, 8, used),
            block(base + 100, 900, 8, free),
            block(base + 1000, page - 1000, 8, used),
            block(base + page, 2 * page + 50, 8, free),
            block(base + 3 * page + 50, page - 50, 8, used),
        ]);
        let live = [
            LiveBlock {
                address: base + 8,
                size: 80,
                site: 0,
            },
            LiveBlock {
                address: base + 1008,
                size: page - 1008,
                site: 1,
            },
            LiveBlock {
                address: base + 3 * page + 58,
                size: page - 58,
                site: 1,
            },
        ];
        let (mut kept, mut keepers) = (vec![0.0; 2], Vec::with_capacity(8));
        let parts = Account::of(
            &heap,
            &live,
            &|range| resident(range, false),
            &mut kept,
            &mut keepers,
        );
        let expected = Parts {
            live: 80 + page - 1008 + page - 58,
            padding: 12,
            partly: 900 + 50,
            free: 2 * page,
            metadata: 24,
            huge: 0,
        };
        assert_eq!(parts, expected);
        assert_eq!(parts.sum(), 4 * page);
        // Two blocks keep the first page, and one the last.
        assert_eq!(kept, [450.0, 450.0 + 50.0]);
    }
}
