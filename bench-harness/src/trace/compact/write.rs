//! From a trace to bytes.

use super::calls::{self, Call};
use super::{MAGIC, MAX_FRAME_OPS, MAX_SIZE, VERSION, frame};
use crate::trace::{BlockId, Cause, Op, Trace};

/// The bytes of `trace` in the compact format. O(calls).
///
/// # Errors
///
/// [`Cause::Unwritable`] if the trace is not valid or asks for more than
/// [`MAX_SIZE`] bytes at once.
pub fn write(trace: &Trace) -> Result<Vec<u8>, Cause> {
    let mut out = header(trace);
    let mut ids = Ids::new(trace.n_slots);
    let mut first_op = 0;
    for ops in trace.ops.chunks(MAX_FRAME_OPS) {
        let first_block = ids.n_blocks;
        let calls = ids.put_all(ops, first_op)?;
        frame::put(&mut out, ops.len(), first_op as u64, first_block, &calls);
        first_op += ops.len();
    }
    frame::put(&mut out, 0, first_op as u64, ids.n_blocks, &[]);
    Ok(out)
}

/// The CRC-32 of the calls of `trace`, as written before compression. O(calls).
///
/// # Errors
///
/// As [`write()`].
pub fn fingerprint(trace: &Trace) -> Result<u32, Cause> {
    let mut hasher = crc32fast::Hasher::new();
    let mut ids = Ids::new(trace.n_slots);
    let mut first_op = 0;
    for ops in trace.ops.chunks(MAX_FRAME_OPS) {
        hasher.update(&ids.put_all(ops, first_op)?);
        first_op += ops.len();
    }
    Ok(hasher.finalize())
}

/// Everything before the first frame.
fn header(trace: &Trace) -> Vec<u8> {
    let json = serde_json::to_vec(&trace.provenance).expect("provenance is plain data");
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&0_u16.to_le_bytes());
    out.extend_from_slice(&(json.len() as u32).to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(&json).to_le_bytes());
    out.extend_from_slice(&json);
    out
}

/// Which block is in which slot.
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

    /// The varints of `ops`, the first of which is call `first_op` of the trace.
    fn put_all(&mut self, ops: &[Op], first_op: usize) -> Result<Vec<u8>, Cause> {
        let mut out = Vec::with_capacity(ops.len() * 2);
        for (index, op) in ops.iter().enumerate() {
            let n_blocks = self.n_blocks;
            let call = self.call(op).map_err(|what| Cause::Unwritable {
                op: first_op + index,
                what,
            })?;
            calls::put(&mut out, call, n_blocks);
        }
        Ok(out)
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
                let size = checked(size)?;
                if !align.is_power_of_two() {
                    return Err("its alignment is no power of two");
                }
                Ok(Call::Allocate {
                    size,
                    align,
                    zeroed,
                })
            }
            Op::Resize { slot, size } => {
                let block = (*self.slot(slot)?).ok_or("its slot is empty")?;
                let size = checked(size)?;
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

fn checked(size: usize) -> Result<usize, &'static str> {
    match size <= MAX_SIZE {
        true => Ok(size),
        false => Err("its size takes more than 62 bits"),
    }
}
