//! [`ByAddress`]: makes a trace from calls that name blocks by their addresses.

use std::collections::HashMap;

use super::compact::MAX_SIZE;
use super::{BlockError, BlockId, Builder, ColumnSet, Columns, Context, Provenance, Trace};

/// The thread and the time of a call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment {
    /// The thread's number, which can be any.
    pub thread: u32,
    /// Nanoseconds since any fixed moment.
    pub ns: u64,
    /// True if a free or resize stated the size of its block.
    pub sized: bool,
}

/// The request of an allocation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// Bytes.
    pub size: u64,
    /// Alignment, a power of two.
    pub align: u32,
    /// True if the bytes must be zero.
    pub zeroed: bool,
}

/// Collects calls in order. An address names the block that was allocated there last.
#[derive(Default)]
pub(crate) struct ByAddress {
    builder: Builder,
    columns: Columns,
    /// The live blocks by address.
    blocks: HashMap<u64, BlockId>,
    /// The numbers of the threads.
    threads: HashMap<u32, u16>,
    /// The latest moment so far.
    ns: Option<u64>,
    n_foreign: usize,
    n_unseen: usize,
}

impl ByAddress {
    /// Returns the number of frees whose block was not allocated by one of the calls. The trace leaves these
    /// frees out.
    pub(crate) fn n_foreign(&self) -> usize {
        self.n_foreign
    }

    /// Returns the number of frees that are missing among the calls: an address was handed out again while its
    /// block was live. The trace adds these frees at that point.
    pub(crate) fn n_unseen(&self) -> usize {
        self.n_unseen
    }

    /// Returns the number of threads.
    pub(crate) fn n_threads(&self) -> usize {
        self.threads.len()
    }

    /// Returns the number of calls in the trace.
    pub(crate) fn n_ops(&self) -> usize {
        self.builder.n_ops()
    }

    /// Adds an allocation of the block at `address`.
    pub(crate) fn allocate(
        &mut self,
        address: u64,
        request: Request,
        moment: Moment,
    ) -> Result<(), BlockError> {
        let size = checked(request.size);
        let block = self
            .builder
            .allocate_with(size, request.align, request.zeroed)?;
        let sized = false;
        self.note(Moment { sized, ..moment });
        self.place(address, block, moment)
    }

    /// Records a block's address. If another block is there, its free is missing, and this adds it.
    pub(crate) fn place(
        &mut self,
        address: u64,
        block: BlockId,
        moment: Moment,
    ) -> Result<(), BlockError> {
        let Some(gone) = self.blocks.insert(address, block) else {
            return Ok(());
        };
        self.n_unseen += 1;
        self.builder.free(gone)?;
        self.note(moment);
        Ok(())
    }

    /// Adds a free of the block at `address`; returns false if no block is known there.
    pub(crate) fn free(&mut self, address: u64, moment: Moment) -> Result<bool, BlockError> {
        let Some(block) = self.blocks.remove(&address) else {
            self.n_foreign += 1;
            return Ok(false);
        };
        self.builder.free(block)?;
        self.note(moment);
        Ok(true)
    }

    /// Removes a block from its address, so that it can be placed again.
    pub(crate) fn lift(&mut self, address: u64) -> Option<BlockId> {
        self.blocks.remove(&address)
    }

    /// Adds a resize of a block that was lifted, and places the block.
    pub(crate) fn resize(
        &mut self,
        block: BlockId,
        address: u64,
        size: u64,
        moment: Moment,
    ) -> Result<(), BlockError> {
        self.builder.resize(block, checked(size))?;
        self.note(moment);
        self.place(address, block, moment)
    }

    fn note(&mut self, moment: Moment) {
        let n_threads = self.threads.len();
        let number = || u16::try_from(n_threads).unwrap_or(u16::MAX);
        let thread = *self.threads.entry(moment.thread).or_insert_with(number);
        let before = self.ns.unwrap_or(moment.ns);
        self.ns = Some(before.max(moment.ns));
        let context = Context {
            thread,
            gap: moment.ns.saturating_sub(before),
            sized: moment.sized,
        };
        self.columns.push(ColumnSet::ALL, context);
    }

    /// Returns the trace with the columns of `set`; leaves out the column of sizes if no call stated one.
    pub(crate) fn finish(mut self, name: &str, provenance: Provenance, set: ColumnSet) -> Trace {
        self.builder.set_provenance(provenance);
        let mut trace = self.builder.finish(name);
        if set.threads {
            trace.columns.threads = self.columns.threads;
        }
        if set.gaps {
            trace.columns.gaps = self.columns.gaps;
        }
        if set.sized && self.columns.sized.contains(&true) {
            trace.columns.sized = self.columns.sized;
        }
        trace
    }
}

fn checked(size: u64) -> usize {
    usize::try_from(size).unwrap_or(MAX_SIZE).min(MAX_SIZE)
}
