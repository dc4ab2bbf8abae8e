//! Inspects a heap: the walk, the check, and the statistics.

use core::fmt;
use core::ops::ControlFlow;

/// The state of a range of the heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BlockState {
    /// Handed out to a caller.
    Used,
    /// Can be handed out.
    Free,
    /// Used by the allocator itself: sentinels, tables, alignment pads too small for a block.
    Metadata,
}

/// A range of the heap with one state, header included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Address of the block's first byte, header included.
    pub address: usize,
    /// Bytes of the block, header included.
    pub size: usize,
    /// How many of the bytes are metadata (a used block's header; all of a `Metadata` block).
    pub overhead: usize,
    /// The block's state.
    pub state: BlockState,
}

impl Block {
    /// Returns the address one past the last byte.
    pub const fn end(&self) -> usize {
        self.address + self.size
    }

    /// Returns the bytes that a caller has or could have.
    pub const fn payload(&self) -> usize {
        self.size - self.overhead
    }
}

/// A broken invariant, found by [`Inspect::check`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Corruption {
    /// The invariant's number and sentence, as in the stage's documentation: `"I3: …"`.
    pub invariant: &'static str,
    /// The address where the check found it broken.
    pub address: usize,
}

impl Corruption {
    /// Returns the error that `invariant` is broken at `address`.
    pub const fn new(invariant: &'static str, address: usize) -> Self {
        Self { invariant, address }
    }
}

impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (broken at {:#x})", self.invariant, self.address)
    }
}

impl core::error::Error for Corruption {}

/// Sums over a heap walk. All sizes are in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeapStats {
    /// Bytes of heap walked: used, free and metadata together.
    pub heap: usize,
    /// Payload bytes of used blocks.
    pub used: usize,
    /// Bytes of free blocks.
    pub free: usize,
    /// Metadata bytes: headers of used blocks, sentinels, pads.
    pub overhead: usize,
    /// Bytes of the largest free block.
    pub largest_free: usize,
    /// Number of used blocks.
    pub n_used: usize,
    /// Number of free blocks.
    pub n_free: usize,
}

impl HeapStats {
    /// Returns the external fragmentation, `1 − largest_free / free`: 0 means one hole, and a value near 1
    /// means many small ones.
    ///
    /// Returns 0 when nothing is free.
    pub fn external_fragmentation(&self) -> f64 {
        if self.free == 0 {
            return 0.0;
        }
        1.0 - self.largest_free as f64 / self.free as f64
    }

    /// Counts one block.
    pub fn add(&mut self, block: Block) {
        self.heap += block.size;
        match block.state {
            BlockState::Used => {
                self.used += block.payload();
                self.overhead += block.overhead;
                self.n_used += 1;
            }
            BlockState::Free => {
                self.free += block.size;
                self.largest_free = self.largest_free.max(block.size);
                self.n_free += 1;
            }
            BlockState::Metadata => self.overhead += block.size,
        }
    }
}

/// Allocators whose heap can be inspected.
///
/// The walk allocates nothing. It is the single source of truth: statistics, invariant checks,
/// the text map in a failing test and the pictures in reports all use it.
pub trait Inspect {
    /// Visits every block, region by region and in address order within each; consecutive blocks
    /// of a region touch. O(blocks).
    ///
    /// Stops early, and returns `Break`, when `visit` breaks.
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()>;

    /// Tests every numbered invariant of the stage, in order. O(blocks), or more where it says so.
    ///
    /// # Errors
    ///
    /// The first invariant that does not hold.
    fn check(&self) -> Result<(), Corruption>;

    /// Returns sums over the walk. O(blocks).
    fn stats(&self) -> HeapStats {
        let mut stats = HeapStats::default();
        let _ = self.walk(&mut |block| {
            stats.add(block);
            ControlFlow::Continue(())
        });
        stats
    }
}

impl<T: Inspect + ?Sized> Inspect for &mut T {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        (**self).walk(visit)
    }
    fn check(&self) -> Result<(), Corruption> {
        (**self).check()
    }
    fn stats(&self) -> HeapStats {
        (**self).stats()
    }
}
