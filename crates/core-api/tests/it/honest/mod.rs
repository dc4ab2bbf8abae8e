//! An allocator that is easy to believe, and that can be told to break one promise.
//!
//! Its books are a list of pieces outside the heap, sorted by address, so no fault can crash it.

use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use core_api::align::{checked_round_up, padding};
use core_api::resize::reallocate;
use core_api::{
    AllocError, Allocator, Block, BlockState, Corruption, HeapStats, Inspect, Region, SizelessFree,
};

/// Unit of size and smallest alignment.
const GRANULE: usize = 8;

/// One promise to break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    AlignmentIgnored,
    BlockTooShort,
    CheckFails,
    ErrorOverwrites,
    FreeDoesNothing,
    GrowIgnoresAlignment,
    GrowLosesLastByte,
    GrownTailNotZeroed,
    InPlaceTakesUsedNeighbour,
    LengthBeyondBlock,
    MergeForgotten,
    NotZeroed,
    OverlapByOneGranule,
    PaddingLeaks,
    PanicsWhenFull,
    RegionEndIgnored,
    ShrinkCopiesNothing,
    SizeOverflows,
    StatsCountOneTooMany,
    TiedToItsAddress,
    UsableSizeTooLarge,
    WalkSkipsFree,
    WritesBeforeRegion,
    ZeroSizesShareAnAddress,
    ZeroedFromOldEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    start: usize,
    size: usize,
    is_used: bool,
}

impl Piece {
    fn end(&self) -> usize {
        self.start + self.size
    }
}

/// First fit over the list of pieces, merging at once.
pub(crate) struct Honest {
    region: Region,
    pieces: Vec<Piece>,
    fault: Option<Fault>,
    home: Option<usize>,
}

impl Honest {
    pub(crate) fn new(region: Region) -> Self {
        let start = region.start() + padding(region.start(), GRANULE).min(region.len());
        let size = (region.end() - start) / GRANULE * GRANULE;
        let is_used = false;
        let whole = (size > 0).then_some(Piece {
            start,
            size,
            is_used,
        });
        Self {
            region,
            pieces: whole.into_iter().collect(),
            fault: None,
            home: None,
        }
    }

    pub(crate) fn with(fault: Fault) -> impl Fn(Region) -> Self {
        move |region| Self {
            fault: Some(fault),
            ..Self::new(region)
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn rounded(&self, layout: Layout) -> Result<usize, AllocError> {
        if self.has(Fault::SizeOverflows) {
            return Ok((layout.size() as u32 as usize)
                .next_multiple_of(GRANULE)
                .max(GRANULE));
        }
        checked_round_up(layout.size().max(1), GRANULE).ok_or(AllocError)
    }

    fn block(&self, start: usize, len: usize) -> NonNull<[u8]> {
        let first = NonNull::new(self.region.at(start)).expect("heap addresses are not null");
        NonNull::slice_from_raw_parts(first, len)
    }

    fn find(&self, block: NonNull<u8>) -> usize {
        let start = block.addr().get();
        let index = self
            .pieces
            .iter()
            .position(|piece| piece.start == start && piece.is_used);
        index.expect("only live blocks are passed")
    }

    /// Cuts `size` bytes from `from` on out of the free piece at `index`.
    fn carve(&mut self, index: usize, from: usize, size: usize) {
        let whole = self.pieces[index];
        let leaks = self.has(Fault::PaddingLeaks);
        let parts = [
            Piece {
                start: whole.start,
                size: from - whole.start,
                is_used: leaks,
            },
            Piece {
                start: from,
                size,
                is_used: true,
            },
            Piece {
                start: from + size,
                size: whole.end() - from - size,
                is_used: false,
            },
        ];
        let parts = parts.into_iter().filter(|part| part.size > 0);
        self.pieces.splice(index..=index, parts);
    }

    fn release(&mut self, index: usize) {
        self.pieces[index].is_used = false;
        if self.has(Fault::MergeForgotten) {
            return;
        }
        self.pieces.dedup_by(|next, before| {
            let merges = !next.is_used && !before.is_used;
            if merges {
                before.size += next.size;
            }
            merges
        });
    }

    fn take(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let size = self.rounded(layout)?;
        let align = if self.has(Fault::AlignmentIgnored) {
            1
        } else {
            layout.align()
        };
        let place = |piece: &Piece| {
            piece
                .start
                .checked_add(padding(piece.start, align.max(GRANULE)))
        };
        let index = self.pieces.iter().position(|piece| {
            let end = place(piece).and_then(|from| from.checked_add(size));
            !piece.is_used && end.is_some_and(|end| end <= piece.end())
        });
        if index.is_none() && self.has(Fault::RegionEndIgnored) && size <= 64 {
            return Ok(self.block(self.region.end().next_multiple_of(align), size));
        }
        if index.is_none() && self.has(Fault::PanicsWhenFull) {
            panic!("the heap is full");
        }
        let index = index.ok_or(AllocError)?;
        let from = place(&self.pieces[index]).ok_or(AllocError)?;
        let overlaps = self.has(Fault::OverlapByOneGranule) && size > 64;
        self.carve(index, from, if overlaps { size - GRANULE } else { size });
        Ok(self.block(from, size))
    }

    /// Whether the value was moved since its first use, if that matters to it.
    fn is_lost(&mut self) -> bool {
        let here = (&raw const *self).addr();
        self.has(Fault::TiedToItsAddress) && *self.home.get_or_insert(here) != here
    }
}

// SAFETY: without a fault, blocks are disjoint pieces of the region, aligned and large enough; with
// one they are not, which is the point: only the test kit uses them, and it looks before it writes.
unsafe impl Allocator for Honest {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if self.is_lost() {
            return Err(AllocError);
        }
        if self.has(Fault::WritesBeforeRegion) {
            // SAFETY: the test kit's arena has a guard there.
            unsafe { self.region.base().sub(1).write(1) };
        }
        if self.has(Fault::ZeroSizesShareAnAddress)
            && layout.size() == 0
            && let Some(first) = self.pieces.first()
        {
            return Ok(self.block(first.start.next_multiple_of(layout.align()), 0));
        }
        let block = self.take(layout)?;
        let (start, len) = (block.cast::<u8>().addr().get(), block.len());
        Ok(match self.fault {
            Some(Fault::BlockTooShort) if len > 64 => self.block(start, layout.size() - 1),
            Some(Fault::LengthBeyondBlock) => self.block(start, len + 1),
            _ => block,
        })
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, _: Layout) {
        let address = block.addr().get();
        let is_shared = self.has(Fault::ZeroSizesShareAnAddress)
            && !self
                .pieces
                .iter()
                .any(|piece| piece.start == address && piece.is_used);
        if is_shared || self.has(Fault::FreeDoesNothing) {
            return;
        }
        let index = self.find(block);
        self.release(index);
    }

    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.allocate(layout)?;
        if !self.has(Fault::NotZeroed) {
            // SAFETY: the block was returned just now.
            unsafe { block.cast::<u8>().write_bytes(0, block.len()) };
        }
        Ok(block)
    }

    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        _: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let index = self.find(block);
        let piece = self.pieces[index];
        let size = checked_round_up(new_size.max(1), GRANULE).ok_or(AllocError)?;
        let next = self.pieces.get(index + 1).copied();
        let next = next.filter(|next| !next.is_used || self.has(Fault::InPlaceTakesUsedNeighbour));
        let room = piece.size + next.map_or(0, |next| next.size);
        if size > room {
            if self.has(Fault::ErrorOverwrites) {
                // SAFETY: a block has at least one granule.
                unsafe { block.write(!block.read()) };
            }
            return Err(AllocError);
        }
        let resized = self.block(piece.start, size);
        if next.is_some_and(|next| next.is_used) {
            return Ok(resized);
        }
        let last = index + usize::from(next.is_some());
        let parts = [
            Piece { size, ..piece },
            Piece {
                start: piece.start + size,
                size: room - size,
                is_used: false,
            },
        ];
        self.pieces
            .splice(index..=last, parts.into_iter().filter(|part| part.size > 0));
        Ok(resized)
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if self.has(Fault::GrowIgnoresAlignment) {
            let kept = Layout::from_size_align(new.size(), old.align()).map_err(|_| AllocError)?;
            // SAFETY: passed on.
            return unsafe { reallocate(self, block, old, kept) };
        }
        // SAFETY: passed on.
        let grown = unsafe { reallocate(self, block, old, new)? };
        if self.has(Fault::GrowLosesLastByte) && grown.cast() != block && old.size() > 0 {
            // SAFETY: the block holds the old bytes.
            unsafe { grown.cast::<u8>().add(old.size() - 1).write(0) };
        }
        Ok(grown)
    }

    unsafe fn grow_zeroed(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let old_end = self.pieces[self.find(block)].size;
        // SAFETY: passed on.
        let grown = unsafe { self.grow(block, old, new)? };
        if !self.has(Fault::GrownTailNotZeroed) {
            let from_old_end = self.has(Fault::ZeroedFromOldEnd);
            let tail = if from_old_end { old_end } else { old.size() };
            let len = grown.len() - tail;
            // SAFETY: the tail lies inside the block.
            unsafe { grown.cast::<u8>().add(tail).write_bytes(0, len) };
        }
        Ok(grown)
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if self.has(Fault::ShrinkCopiesNothing) && new.align() > old.align() {
            let moved = self.allocate(new)?;
            // SAFETY: the block is live.
            unsafe { self.deallocate(block, old) };
            return Ok(moved);
        }
        // SAFETY: passed on.
        unsafe { reallocate(self, block, old, new) }
    }
}

// SAFETY: the list of pieces knows every block's size.
unsafe impl SizelessFree for Honest {
    unsafe fn free(&mut self, block: NonNull<u8>) {
        // SAFETY: the layout is not looked at.
        unsafe { self.deallocate(block, Layout::new::<u8>()) };
    }

    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        let extra = if self.has(Fault::UsableSizeTooLarge) {
            GRANULE
        } else {
            0
        };
        self.pieces[self.find(block)].size + extra
    }

    unsafe fn realloc(
        &mut self,
        block: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let size = self.pieces[self.find(block)].size;
        let old = Layout::from_size_align(size, new.align()).map_err(|_| AllocError)?;
        // SAFETY: all of the block fits it, and it has the new alignment.
        unsafe { reallocate(self, block, old, new) }
    }
}

impl Inspect for Honest {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.pieces.iter().try_for_each(|piece| {
            if self.has(Fault::WalkSkipsFree) && !piece.is_used {
                return ControlFlow::Continue(());
            }
            let state = if piece.is_used {
                BlockState::Used
            } else {
                BlockState::Free
            };
            visit(Block {
                address: piece.start,
                size: piece.size,
                overhead: 0,
                state,
            })
        })
    }

    fn check(&self) -> Result<(), Corruption> {
        if self.has(Fault::CheckFails) && self.pieces.len() > 5 {
            let (invariant, address) = ("I1: there are few pieces", self.region.start());
            return Err(Corruption::new(invariant, address));
        }
        Ok(())
    }

    fn stats(&self) -> HeapStats {
        let mut stats = HeapStats::default();
        let _ = self.walk(&mut |block| {
            stats.add(block);
            ControlFlow::Continue(())
        });
        stats.n_used += usize::from(self.has(Fault::StatsCountOneTooMany));
        stats
    }
}
