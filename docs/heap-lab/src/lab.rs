//! A heap of a stage, and the blocks that a trace has on it.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{Corruption, Inspect};

use crate::memory::{Committed, Memory};
use crate::stage::{Rung, Stage};
use crate::trace::Op;

/// A block that the program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Live {
    /// Where the payload begins.
    pub(crate) offset: u32,
    /// Bytes that the stage gave.
    pub(crate) usable: u32,
    /// Bytes that the program asked for.
    pub(crate) size: u32,
    align: u32,
}

impl Live {
    fn layout(&self) -> Option<Layout> {
        Layout::from_size_align(self.size as usize, self.align as usize).ok()
    }
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The block is at its new place.
    Placed(Live),
    /// The block is at a place, and was at another one before; or at the same.
    Resized {
        from: Live,
        to: Live,
    },
    Freed(Live),
    Reset,
    /// Bytes given back.
    Trimmed(usize),
    OutOfMemory,
    /// The program does not have the block: the stage is not called.
    NotLive,
    /// The program has the block already: the stage is not called.
    AlreadyLive,
    /// The stage cannot do this.
    Unsupported,
}

/// A heap of a stage on memory of its own.
pub struct Lab {
    // Dropped before the memory that it lies in.
    heap: Box<dyn Rung>,
    memory: Memory,
    committed: Committed,
    stage: Stage,
    /// By the number of the block.
    blocks: Vec<Option<Live>>,
    last: Option<(Op, Outcome)>,
}

impl Lab {
    /// Returns a heap of `stage` on `heap_len` bytes. A `threshold` of 0 is the stage's own split threshold.
    pub fn new(stage: Stage, heap_len: usize, threshold: usize) -> Self {
        let memory = Memory::new(heap_len);
        let committed = Committed::default();
        // SAFETY: the heap has the only source of the memory, and is dropped before it.
        let heap = unsafe { stage.heap(&memory, threshold, committed.clone()) };
        Self {
            heap,
            memory,
            committed,
            stage,
            blocks: Vec::new(),
            last: None,
        }
    }

    /// Does one operation.
    pub fn step(&mut self, op: Op) {
        let outcome = match op {
            Op::Allocate { block, size, align } => self.allocate(block, size, align),
            Op::Free { block } => self.free(block),
            Op::Resize { block, size } => self.resize(block, size),
            Op::Reset => self.reset(),
            Op::Trim { keep } => match self.heap.give_back(keep as usize) {
                Some(bytes) => Outcome::Trimmed(bytes),
                None => Outcome::Unsupported,
            },
        };
        self.last = Some((op, outcome));
    }

    fn slot(&mut self, block: u32) -> &mut Option<Live> {
        let index = block as usize;
        if index >= self.blocks.len() {
            self.blocks.resize(index + 1, None);
        }
        &mut self.blocks[index]
    }

    fn allocate(&mut self, block: u32, size: u32, align: u32) -> Outcome {
        if self.slot(block).is_some() {
            return Outcome::AlreadyLive;
        }
        let Ok(layout) = Layout::from_size_align(size as usize, align as usize) else {
            return Outcome::OutOfMemory;
        };
        let Ok(place) = self.heap.allocate(layout) else {
            return Outcome::OutOfMemory;
        };
        let live = self.placed(place, size, align);
        self.fill(block, live, 0);
        *self.slot(block) = Some(live);
        Outcome::Placed(live)
    }

    fn free(&mut self, block: u32) -> Outcome {
        let Some(live) = self.slot(block).take() else {
            return Outcome::NotLive;
        };
        let layout = live.layout().expect("it was allocated with this layout");
        // SAFETY: the slot held the block, so it is live with this layout, and now no slot does.
        unsafe { self.heap.deallocate(self.payload(live), layout) };
        Outcome::Freed(live)
    }

    fn resize(&mut self, block: u32, size: u32) -> Outcome {
        let Some(from) = *self.slot(block) else {
            return Outcome::NotLive;
        };
        let new = Layout::from_size_align(size as usize, from.align as usize);
        let (Some(old), Ok(new)) = (from.layout(), new) else {
            return Outcome::OutOfMemory;
        };
        let payload = self.payload(from);
        // SAFETY: the slot holds the block, so it is live with the old layout; the sizes compare as the methods want.
        let place = unsafe {
            match size >= from.size {
                true => self.heap.grow(payload, old, new),
                false => self.heap.shrink(payload, old, new),
            }
        };
        let Ok(place) = place else {
            return Outcome::OutOfMemory;
        };
        let to = self.placed(place, size, from.align);
        self.fill(block, to, from.size.min(size));
        *self.slot(block) = Some(to);
        Outcome::Resized { from, to }
    }

    fn reset(&mut self) -> Outcome {
        if !self.heap.clear() {
            return Outcome::Unsupported;
        }
        self.blocks.fill(None);
        Outcome::Reset
    }

    fn placed(&self, place: NonNull<[u8]>, size: u32, align: u32) -> Live {
        Live {
            offset: self.memory.offset(place.addr().get()),
            usable: place.len() as u32,
            size,
            align,
        }
    }

    fn payload(&self, live: Live) -> NonNull<u8> {
        // SAFETY: the offset was computed from an address in the memory.
        unsafe { self.memory.base().add(live.offset as usize) }
    }

    /// Writes a letter of the block's own into its bytes from `start` on, to be seen in a dump.
    fn fill(&mut self, block: u32, live: Live, start: u32) {
        let letter = b'a' + (block % 26) as u8;
        let len = (live.size - start) as usize;
        // SAFETY: the block is the program's, and has `size` bytes.
        unsafe {
            self.payload(live)
                .add(start as usize)
                .write_bytes(letter, len)
        };
    }

    pub(crate) fn stage(&self) -> Stage {
        self.stage
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Returns the bytes that the heap has from its source, if it can grow.
    pub(crate) fn committed(&self) -> Option<u32> {
        (self.stage == Stage::CoalescingPages).then(|| self.committed.get() as u32)
    }

    /// Returns the offset of the block behind which the next search begins, or `None` at the list's start; `None`
    /// outside for stages without a rover.
    pub(crate) fn rover(&self) -> Option<Option<u32>> {
        let rover = self.heap.rover()?;
        Some(rover.map(|address| self.memory.offset(address)))
    }

    pub(crate) fn inspect(&self) -> &dyn Inspect {
        &*self.heap
    }

    /// Returns the last operation and how it ended.
    pub(crate) fn last(&self) -> Option<(Op, Outcome)> {
        self.last
    }

    /// Returns the blocks that the program has: their numbers and places, in address order.
    pub(crate) fn live(&self) -> Vec<(u32, Live)> {
        let numbered = self.blocks.iter().enumerate();
        let live = numbered.filter_map(|(block, live)| Some((block as u32, (*live)?)));
        let mut live: Vec<_> = live.collect();
        live.sort_unstable_by_key(|(_, live)| live.offset);
        live
    }

    /// Tests the stage's invariants.
    ///
    /// # Errors
    ///
    /// The first that does not hold.
    pub fn check(&self) -> Result<(), Corruption> {
        self.heap.check()
    }
}
