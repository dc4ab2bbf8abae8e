//! Writes a trace in memory to a file.

use std::io::Write;

use super::calls::{self, Call};
use super::writer::Writer;
use crate::{BlockId, Cause, Op, Trace};

/// Encodes `trace` in the compact format. O(calls).
///
/// # Errors
///
/// [`Cause::Unwritable`] if the trace is not valid or asks for more than
/// [`MAX_SIZE`](super::MAX_SIZE) bytes at once.
pub fn write(trace: &Trace) -> Result<Vec<u8>, Cause> {
    save(trace, Vec::new())
}

/// As [`write()`], to any output.
pub(crate) fn save<W: Write>(trace: &Trace, out: W) -> Result<W, Cause> {
    if !trace.columns.fits(trace.ops.len()) {
        return Err(Cause::Unwritable {
            op: 0,
            what: "a column does not have one entry for each call",
        });
    }
    let mut writer = Writer::new(out, &trace.provenance, trace.columns.set())?;
    let mut ids = Ids::new(trace.n_slots);
    for (index, op) in trace.ops.iter().enumerate() {
        let call = ids.call_at(op, index)?;
        writer.push(call, trace.columns.get(index))?;
    }
    writer.finish()
}

/// Returns the CRC-32 of the encoded calls of `trace`, before compression and without columns. O(calls).
///
/// # Errors
///
/// As [`write()`].
pub fn fingerprint(trace: &Trace) -> Result<u32, Cause> {
    let mut hasher = crc32fast::Hasher::new();
    let mut ids = Ids::new(trace.n_slots);
    let mut bytes = Vec::new();
    for (index, op) in trace.ops.iter().enumerate() {
        let n_blocks = ids.n_blocks;
        bytes.clear();
        calls::put(&mut bytes, ids.call_at(op, index)?, n_blocks);
        hasher.update(&bytes);
    }
    Ok(hasher.finalize())
}

/// The block in each slot.
struct Ids {
    in_slot: Vec<Option<BlockId>>,
    n_blocks: BlockId,
}

impl Ids {
    fn new(n_slots: usize) -> Self {
        Self {
            in_slot: vec![None; n_slots],
            n_blocks: 0,
        }
    }

    /// Converts `op`, the call at `index`, to a call on blocks.
    fn call_at(&mut self, op: &Op, index: usize) -> Result<Call, Cause> {
        let call = self.call(op);
        call.map_err(|what| Cause::Unwritable { op: index, what })
    }

    fn call(&mut self, op: &Op) -> Result<Call, &'static str> {
        match *op {
            Op::Allocate {
                slot,
                size,
                align,
                zeroed,
            } => {
                self.fill(slot)?;
                Ok(Call::Allocate {
                    size,
                    align,
                    zeroed,
                })
            }
            Op::Resize { slot, size } => {
                let block = (*self.slot(slot)?).ok_or("its slot is empty")?;
                Ok(Call::Resize { block, size })
            }
            Op::Free { slot } => {
                let block = self.slot(slot)?.take().ok_or("its slot is empty")?;
                Ok(Call::Free { block })
            }
        }
    }

    fn fill(&mut self, slot: u32) -> Result<(), &'static str> {
        let block = self.n_blocks;
        if self.slot(slot)?.replace(block).is_some() {
            return Err("its slot is full");
        }
        self.n_blocks += 1;
        Ok(())
    }

    fn slot(&mut self, slot: u32) -> Result<&mut Option<BlockId>, &'static str> {
        self.in_slot
            .get_mut(slot as usize)
            .ok_or("the trace has fewer slots")
    }
}
