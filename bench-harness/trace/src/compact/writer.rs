//! [`Writer`]: writes a file call by call.

use std::io::Write;

use super::calls::{self, Call};
use super::index::{self, Entry};
use super::live::{self, Live};
use super::record::{self, Header, Kind};
use super::{MAX_FRAME_OPS, MAX_SIZE, columns, header};
use crate::{Cause, ColumnSet, Columns, Context, Provenance};

/// The least number of frames between two records of live blocks.
const CHECKPOINT_FRAMES: u64 = 16;

/// The least number of calls between two records, for each live block: it bounds the cost of the records.
const CALLS_PER_LIVE_BLOCK: u64 = 8;

/// Writes a compact trace, a frame at a time, with memory for one frame and for the live blocks.
///
/// ```
/// use alloc_trace::compact::{self, Call, Writer};
/// use alloc_trace::{ColumnSet, Context, Provenance};
///
/// let mut writer = Writer::new(Vec::new(), &Provenance::default(), ColumnSet::default())?;
/// let call = Call::Allocate { size: 24, align: 8, zeroed: false };
/// writer.push(call, Context::default())?;
/// writer.push(Call::Free { block: 0 }, Context::default())?;
/// assert_eq!(compact::read(&writer.finish()?, "two")?.ops.len(), 2);
/// # Ok::<(), alloc_trace::Cause>(())
/// ```
pub struct Writer<W> {
    out: W,
    set: ColumnSet,
    /// The calls of the unfinished frame, as varints.
    calls: Vec<u8>,
    is_free: Vec<bool>,
    columns: Columns,
    entries: Vec<Entry>,
    /// Bytes written so far.
    at: u64,
    /// The numbers of calls and blocks in the frames written so far.
    n_ops: u64,
    n_blocks: u64,
    /// The number of calls before the last record of live blocks.
    checkpoint: u64,
    /// The place of that record until a frame follows it; else 0.
    live_at: u64,
    live: Live,
}

impl<W: Write> Writer<W> {
    /// Writes the header of a trace with the columns of `set`.
    ///
    /// # Errors
    ///
    /// [`Cause::Io`].
    pub fn new(mut out: W, provenance: &Provenance, set: ColumnSet) -> Result<Self, Cause> {
        let header = header::put(provenance, set);
        out.write_all(&header)?;
        Ok(Self {
            out,
            set,
            calls: Vec::new(),
            is_free: Vec::new(),
            columns: Columns::default(),
            entries: Vec::new(),
            at: header.len() as u64,
            n_ops: 0,
            n_blocks: 0,
            checkpoint: 0,
            live_at: 0,
            live: Live::default(),
        })
    }

    /// Writes a call, and its entries in the columns of this trace.
    ///
    /// # Errors
    ///
    /// [`Cause::Unwritable`] if the call's block is not live or the call is impossible; [`Cause::Io`].
    pub fn push(&mut self, call: Call, context: Context) -> Result<(), Cause> {
        let unwritable = |what| Cause::Unwritable {
            op: self.n_ops as usize + self.is_free.len(),
            what,
        };
        check(call, context).map_err(unwritable)?;
        let n_blocks = self.live.n_blocks();
        if self.live.apply(&call).is_err() {
            return Err(unwritable("its block is not live"));
        }
        calls::put(&mut self.calls, call, n_blocks);
        self.is_free.push(!matches!(call, Call::Allocate { .. }));
        self.columns.push(self.set, context);
        match self.is_free.len() {
            MAX_FRAME_OPS => self.end_frame(),
            _ => Ok(()),
        }
    }

    /// Returns the live blocks after the calls so far.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// Writes the rest and the index, and returns the output.
    ///
    /// # Errors
    ///
    /// [`Cause::Io`].
    pub fn finish(mut self) -> Result<W, Cause> {
        if !self.is_free.is_empty() {
            self.end_frame()?;
        }
        let offset = self.at;
        let content = index::put(&self.entries);
        self.put(Kind::Index, self.entries.len(), &content)?;
        self.out.write_all(&index::trailer(offset))?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn end_frame(&mut self) -> Result<(), Cause> {
        self.entries.push(Entry {
            offset: self.at,
            first_op: self.n_ops,
            first_block: self.n_blocks,
            live: core::mem::take(&mut self.live_at),
        });
        let mut content = core::mem::take(&mut self.calls);
        columns::put(&mut content, &self.columns, &self.is_free);
        self.put(Kind::Calls, self.is_free.len(), &content)?;
        self.n_ops += self.is_free.len() as u64;
        self.n_blocks = self.live.n_blocks();
        content.clear();
        self.calls = content;
        self.is_free.clear();
        self.columns = Columns::default();
        match self.is_checkpoint_due() {
            true => self.put_live(),
            false => Ok(()),
        }
    }

    fn is_checkpoint_due(&self) -> bool {
        let n_ops = self.n_ops - self.checkpoint;
        n_ops >= CHECKPOINT_FRAMES * MAX_FRAME_OPS as u64
            && n_ops >= CALLS_PER_LIVE_BLOCK * self.live.n_live() as u64
    }

    /// Writes a record of the live blocks, for the next frame.
    fn put_live(&mut self) -> Result<(), Cause> {
        self.live_at = self.at;
        self.checkpoint = self.n_ops;
        let content = live::put(&self.live);
        self.put(Kind::Live, self.live.n_live(), &content)
    }

    fn put(&mut self, kind: Kind, n_items: usize, content: &[u8]) -> Result<(), Cause> {
        let header = Header {
            kind,
            n_items: n_items as u32,
            packed_len: 0,
            full_len: 0,
            first_op: self.n_ops,
            first_block: self.n_blocks,
        };
        self.at += record::put(&mut self.out, header, content)?;
        Ok(())
    }
}

fn check(call: Call, context: Context) -> Result<(), &'static str> {
    match call {
        Call::Allocate { size, .. } | Call::Resize { size, .. } if size > MAX_SIZE => {
            Err("its size takes more than 62 bits")
        }
        Call::Allocate { align, .. } if !align.is_power_of_two() => {
            Err("its alignment is not a power of two")
        }
        Call::Allocate { .. } if context.sized => Err("an allocation has no size on free"),
        _ => Ok(()),
    }
}
