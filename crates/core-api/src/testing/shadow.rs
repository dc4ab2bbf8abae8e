//! [`Shadow`]: a model of the live blocks and their contents.

use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;
use std::collections::BTreeMap;
use std::format;
use std::string::String;

use super::{Failure, Verdict, pattern};
use crate::Region;

/// The model's name for a live block; the name stays when the block is resized or moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(u64);

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "block #{}", self.0)
    }
}

/// What the model knows of a live block.
#[derive(Clone, Copy, Debug)]
pub struct Live {
    /// The pointer that the allocator returned.
    pub block: NonNull<u8>,
    /// The layout of the last request.
    pub layout: Layout,
    /// The length that the allocator returned for it.
    pub usable: usize,
    seed: u64,
}

impl Live {
    fn start(&self) -> usize {
        self.block.addr().get()
    }
}

/// A model of an allocator's live blocks, which finds broken promises of the allocator.
///
/// A test passes it the result of every call, and the model checks alignment, length, bounds and overlap. It
/// fills the whole returned length of each block with a pattern that depends on the block and the offset. It
/// compares the pattern when the block is resized or freed.
///
/// After an error the model may be wrong: do not use it again.
///
/// Address sanitizers cannot do this: to them a heap is one block, and two allocations at the same
/// place in it are fine. An operation costs O(log n) in the number of live blocks, and is linear in bytes up
/// to 8 KiB per block. In larger blocks the model compares both ends and a few bytes at up to 64 places.
#[derive(Debug, Default)]
pub struct Shadow {
    bounds: Option<Region>,
    live: BTreeMap<BlockId, Live>,
    /// Maps the start of each live block to its end and its name.
    intervals: BTreeMap<usize, (usize, BlockId)>,
    n_seeds: u64,
}

impl Shadow {
    /// Returns a model without blocks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns a model of an allocator whose blocks must all lie in `region`.
    pub fn within(region: Region) -> Self {
        Self {
            bounds: Some(region),
            ..Self::default()
        }
    }

    /// Returns the region in which all blocks must lie, if there is one.
    pub(super) fn bounds(&self) -> Option<Region> {
        self.bounds
    }

    /// Returns the start and the end of each live block, in address order.
    pub(super) fn ranges(&self) -> impl Iterator<Item = (usize, usize)> {
        self.intervals
            .iter()
            .map(|(&start, &(end, _))| (start, end))
    }

    /// Returns the live blocks, oldest first.
    pub fn live(&self) -> impl Iterator<Item = (BlockId, &Live)> {
        self.live.iter().map(|(&id, live)| (id, live))
    }

    /// Returns the number of live blocks.
    pub fn n_live(&self) -> usize {
        self.live.len()
    }

    /// Returns what the model knows of `id`, if it is live.
    pub fn get(&self, id: BlockId) -> Option<&Live> {
        self.live.get(&id)
    }

    /// Returns the `which`-th oldest live block, modulo their number; `None` if there is none. O(n).
    pub fn nth(&self, which: usize) -> Option<BlockId> {
        let index = which.checked_rem(self.live.len())?;
        self.live.keys().nth(index).copied()
    }

    /// Returns the bytes requested by all live blocks together.
    pub fn requested(&self) -> usize {
        self.live.values().map(|live| live.layout.size()).sum()
    }

    /// Records a newly allocated block, and fills it.
    ///
    /// # Errors
    ///
    /// The block is too short, misaligned, out of bounds or overlaps a live one; with `zeroed`,
    /// also if a byte of it is not zero.
    ///
    /// # Safety
    ///
    /// Unless this returns an error, the block may be read and written until it is removed. (The model cannot
    /// notice that an allocator hands out memory that it does not own.) With `zeroed` its bytes are
    /// initialized.
    pub unsafe fn insert(
        &mut self,
        block: NonNull<[u8]>,
        layout: Layout,
        zeroed: bool,
    ) -> Result<BlockId, Failure> {
        let id = BlockId(self.n_seeds);
        let live = self.admit(id, block, layout)?;
        if zeroed {
            // SAFETY: `admit` has checked the block's place; by the caller's promise it may be read.
            unsafe { self.expect_zeros(id, &live, 0)? };
        }
        // SAFETY: the block overlaps no other (`admit`); by the caller's promise it may be written.
        unsafe { pattern::fill(live.block, live.usable, live.seed) };
        self.live.insert(id, live);
        Ok(id)
    }

    /// Records that a live block was resized, and perhaps moved, and fills it anew.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert); or one of the first `kept` bytes was lost; or, with `zeroed`, a byte
    /// behind them is not zero.
    ///
    /// # Safety
    ///
    /// As [`insert`](Self::insert); `id` is live.
    pub unsafe fn replace(
        &mut self,
        id: BlockId,
        block: NonNull<[u8]>,
        layout: Layout,
        kept: usize,
        zeroed: bool,
    ) -> Verdict {
        let old = self.forget(id)?;
        let new = self.admit(id, block, layout)?;
        // SAFETY: the new block has at least `kept` bytes; by the caller's promise it may be read.
        unsafe { self.expect_content(id, new.block, &old, kept)? };
        if zeroed {
            // SAFETY: as above.
            unsafe { self.expect_zeros(id, &new, kept)? };
        }
        // SAFETY: the block overlaps no other (`admit`); by the caller's promise it may be written.
        unsafe { pattern::fill(new.block, new.usable, new.seed) };
        self.live.insert(id, new);
        Ok(())
    }

    /// Records that a block is about to be freed.
    ///
    /// # Errors
    ///
    /// `id` is not live, or its content has changed.
    pub fn remove(&mut self, id: BlockId) -> Result<Live, Failure> {
        self.verify(id)?;
        self.forget(id)
    }

    /// Compares a block's content with its pattern.
    ///
    /// # Errors
    ///
    /// `id` is not live, or its content has changed.
    pub fn verify(&self, id: BlockId) -> Verdict {
        let live = self.live.get(&id).ok_or_else(|| not_live(id))?;
        // SAFETY: the block is live, so by the promise of `insert` it may be read.
        unsafe { self.expect_content(id, live.block, live, live.usable) }
    }

    /// Compares every block's content with its pattern.
    ///
    /// # Errors
    ///
    /// The content of a block has changed.
    pub fn verify_all(&self) -> Verdict {
        self.live.keys().try_for_each(|&id| self.verify(id))
    }

    fn forget(&mut self, id: BlockId) -> Result<Live, Failure> {
        let live = self.live.remove(&id).ok_or_else(|| not_live(id))?;
        self.intervals.remove(&live.start());
        Ok(live)
    }

    /// Checks the block's length and place, and records its interval.
    fn admit(
        &mut self,
        id: BlockId,
        block: NonNull<[u8]>,
        layout: Layout,
    ) -> Result<Live, Failure> {
        let live = Live {
            block: block.cast(),
            layout,
            usable: block.len(),
            seed: self.n_seeds,
        };
        self.n_seeds += 1;
        let told = |problem: &str| Failure::new(format!("{} {problem}", self.describe(id, &live)));
        if live.usable < layout.size() {
            return Err(told("is shorter than asked for"));
        }
        if !live.start().is_multiple_of(layout.align()) {
            return Err(told("is misaligned"));
        }
        let Some(end) = live.start().checked_add(live.usable.max(1)) else {
            return Err(told("wraps around the address space"));
        };
        if let Some(bounds) = self.bounds
            && (live.start() < bounds.start() || end > bounds.end())
        {
            return Err(told(&format!("is not inside {bounds:?}")));
        }
        if let Some((&start, &(other_end, other))) = self.intervals.range(..end).next_back()
            && other_end > live.start()
        {
            let (from, to) = (self.place(start), self.place(other_end));
            return Err(told(&format!("overlaps {other} at {from}..{to}")));
        }
        self.intervals.insert(live.start(), (end, id));
        Ok(live)
    }

    /// # Safety
    ///
    /// `block` may be read for `kept` bytes.
    unsafe fn expect_content(
        &self,
        id: BlockId,
        block: NonNull<u8>,
        old: &Live,
        kept: usize,
    ) -> Verdict {
        // SAFETY: the caller's promise is passed on.
        match unsafe { pattern::first_difference(block, old.usable, kept, old.seed) } {
            Some(offset) => Err(Failure::new(format!(
                "{} lost its content at byte {offset}",
                self.describe(id, old)
            ))),
            None => Ok(()),
        }
    }

    /// # Safety
    ///
    /// The block may be read and is initialized.
    unsafe fn expect_zeros(&self, id: BlockId, live: &Live, from: usize) -> Verdict {
        // SAFETY: the caller's promise is passed on.
        match unsafe { pattern::first_nonzero(live.block, from..live.usable) } {
            Some(offset) => Err(Failure::new(format!(
                "{} is not zero at byte {offset}",
                self.describe(id, live)
            ))),
            None => Ok(()),
        }
    }

    fn describe(&self, id: BlockId, live: &Live) -> String {
        let (size, align) = (live.layout.size(), live.layout.align());
        let (from, to) = (self.place(live.start()), live.usable);
        format!("{id} (size {size}, align {align}, {to} usable at {from})")
    }

    /// Formats an address, relative to the start of the region if there is one.
    fn place(&self, address: usize) -> String {
        match self.bounds {
            Some(bounds) if address >= bounds.start() => {
                format!("+{:#x}", address - bounds.start())
            }
            _ => format!("{address:#x}"),
        }
    }
}

fn not_live(id: BlockId) -> Failure {
    Failure::new(format!("{id} is not live"))
}
