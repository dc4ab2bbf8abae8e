//! [`Builder`]: makes a trace call by call and assigns a slot to every block.

use super::{Columns, Op, PLAIN_ALIGN, Provenance, Trace};

/// The name of a block of a [`Builder`] or a compact trace: the number of allocations before its own.
pub type BlockId = u64;

/// The error of a call that a [`Builder`] refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// The block was never allocated.
    #[error("a block that was never allocated")]
    NeverAllocated,
    /// The block is already freed.
    #[error("a block that was freed before")]
    Freed,
    /// More blocks are live than there are slot numbers.
    #[error("more than 2^32 - 1 live blocks")]
    TooManyLive,
}

/// The mark of a block without a slot, in [`Builder::slots`].
const FREED: u32 = u32::MAX;

/// Collects calls on blocks and turns block ids, which are never reused, into slots, which are.
///
/// ```
/// use alloc_trace::{Builder, Op};
///
/// let mut program = Builder::new();
/// let text = program.allocate(100)?;
/// program.resize(text, 200)?;
/// program.free(text)?;
/// assert!(program.free(text).is_err(), "a double free is refused");
/// let trace = program.finish("example");
/// assert_eq!(trace.ops[1], Op::Resize { slot: 0, size: 200 });
/// # Ok::<(), alloc_trace::BlockError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    ops: Vec<Op>,
    /// The slot of every block so far, or [`FREED`].
    slots: Vec<u32>,
    /// Slots without a block; the builder fills the last emptied slot first.
    empty: Vec<u32>,
    n_slots: u32,
    provenance: Provenance,
}

impl Builder {
    /// Returns a builder without calls.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a `malloc`.
    ///
    /// # Errors
    ///
    /// [`BlockError::TooManyLive`].
    pub fn allocate(&mut self, size: usize) -> Result<BlockId, BlockError> {
        self.allocate_with(size, PLAIN_ALIGN, false)
    }

    /// Appends an allocation with an alignment (a power of two) or of zeroed bytes.
    ///
    /// # Errors
    ///
    /// [`BlockError::TooManyLive`].
    pub fn allocate_with(
        &mut self,
        size: usize,
        align: u32,
        zeroed: bool,
    ) -> Result<BlockId, BlockError> {
        debug_assert!(align.is_power_of_two());
        let slot = self.fill_slot()?;
        let block = self.n_blocks();
        self.slots.push(slot);
        self.ops.push(Op::Allocate {
            slot,
            size,
            align,
            zeroed,
        });
        Ok(block)
    }

    fn fill_slot(&mut self) -> Result<u32, BlockError> {
        if let Some(slot) = self.empty.pop() {
            return Ok(slot);
        }
        if self.n_slots == FREED {
            return Err(BlockError::TooManyLive);
        }
        self.n_slots += 1;
        Ok(self.n_slots - 1)
    }

    /// Appends a `realloc`.
    ///
    /// # Errors
    ///
    /// [`BlockError`] if the block is not live; nothing is appended.
    pub fn resize(&mut self, block: BlockId, size: usize) -> Result<(), BlockError> {
        let slot = self.slot(block)?;
        self.ops.push(Op::Resize { slot, size });
        Ok(())
    }

    /// Appends a `free`.
    ///
    /// # Errors
    ///
    /// [`BlockError`] if the block is not live; nothing is appended.
    pub fn free(&mut self, block: BlockId) -> Result<(), BlockError> {
        let slot = self.slot(block)?;
        self.slots[block as usize] = FREED;
        self.empty.push(slot);
        self.ops.push(Op::Free { slot });
        Ok(())
    }

    fn slot(&self, block: BlockId) -> Result<u32, BlockError> {
        let index = usize::try_from(block).map_err(|_| BlockError::NeverAllocated)?;
        match self.slots.get(index) {
            None => Err(BlockError::NeverAllocated),
            Some(&FREED) => Err(BlockError::Freed),
            Some(&slot) => Ok(slot),
        }
    }

    /// Returns the number of blocks allocated so far, which is the next block's id.
    pub fn n_blocks(&self) -> BlockId {
        self.slots.len() as BlockId
    }

    /// Returns the number of live blocks.
    pub fn n_live(&self) -> usize {
        self.n_slots as usize - self.empty.len()
    }

    /// Returns the number of calls appended so far.
    pub fn n_ops(&self) -> usize {
        self.ops.len()
    }

    /// Sets the provenance of the calls.
    pub fn set_provenance(&mut self, provenance: Provenance) {
        self.provenance = provenance;
    }

    /// Returns the trace.
    pub fn finish(self, name: &str) -> Trace {
        Trace {
            name: name.to_owned(),
            ops: self.ops,
            n_slots: self.n_slots as usize,
            columns: Columns::default(),
            provenance: self.provenance,
        }
    }
}
