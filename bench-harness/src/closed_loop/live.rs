//! The live blocks of a challenge.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::Allocator;

use crate::replay::{allocate, resize};

/// One live block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) pointer: NonNull<u8>,
    pub(super) layout: Layout,
}

/// An allocator and the blocks that are live in it.
#[derive(Debug)]
pub(super) struct Live<A> {
    allocator: A,
    blocks: Vec<Block>,
    bytes: usize,
    /// The lowest and the highest address of any block so far.
    ends: Option<(usize, usize)>,
}

impl<A: Allocator> Live<A> {
    pub(super) fn new(allocator: A) -> Self {
        Self {
            allocator,
            blocks: Vec::new(),
            bytes: 0,
            ends: None,
        }
    }

    /// The live blocks.
    pub(super) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Requested bytes of the live blocks.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Bytes between the lowest and the highest byte of all blocks that were allocated so far.
    pub(super) fn spread(&self) -> usize {
        self.ends.map_or(0, |(low, high)| high - low)
    }

    /// One more block, the last of [`blocks`](Self::blocks); `false` if it is refused.
    pub(super) fn allocate(&mut self, layout: Layout) -> bool {
        let Ok(pointer) = allocate(&mut self.allocator, layout, false) else {
            return false;
        };
        self.blocks.push(Block { pointer, layout });
        self.bytes += layout.size();
        let start = pointer.addr().get();
        let (low, high) = self.ends.unwrap_or((start, start));
        self.ends = Some((low.min(start), high.max(start + layout.size())));
        true
    }

    /// Resizes a block; `false` if that is refused.
    pub(super) fn resize(&mut self, index: usize, new: Layout) -> bool {
        let Block { pointer, layout } = self.blocks[index];
        // SAFETY: the block is live and has this layout.
        let Ok(pointer) = (unsafe { resize(&mut self.allocator, pointer, layout, new) }) else {
            return false;
        };
        self.blocks[index] = Block {
            pointer,
            layout: new,
        };
        self.bytes = self.bytes - layout.size() + new.size();
        true
    }

    /// Frees a block wherever it is in the list. O(live blocks).
    pub(super) fn free_block(&mut self, block: Block) {
        let is_it = |other: &Block| other.pointer == block.pointer;
        if let Some(index) = self.blocks.iter().position(is_it) {
            self.free(index);
        }
    }

    /// Frees a block; the last one takes its place.
    pub(super) fn free(&mut self, index: usize) {
        let Block { pointer, layout } = self.blocks.swap_remove(index);
        self.bytes -= layout.size();
        // SAFETY: the block is live and has this layout.
        unsafe { self.allocator.deallocate(pointer, layout) };
    }
}
