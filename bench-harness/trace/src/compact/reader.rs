//! [`Reader`]: reads a file frame by frame, from its start or from any call on.

use std::io::Read;

use super::calls::{self, Call, Garbled};
use super::index::{self, Entry, TRAILER_LEN};
use super::live;
use super::record::{self, Content, Header, Kind, NoRecord};
use super::{MAX_FRAME_OPS, columns, header};
use crate::{BlockError, BlockId, Cause, ColumnSet, Columns, Context, Provenance};

/// More calls than any file holds.
const MAX_COUNT: u64 = 1 << 62;

/// Up to [`MAX_FRAME_OPS`] consecutive calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// The number of calls before the frame.
    pub first_op: u64,
    /// The number of allocations before the frame, which is the id of its first new block.
    pub first_block: BlockId,
    /// The calls. Each names a block that was allocated, but the block need not be live:
    /// [`Live`](super::Live) checks that.
    pub calls: Vec<Call>,
    /// The calls' entries in the columns.
    pub columns: Columns,
}

impl Frame {
    /// Iterates over the calls with their entries in the columns.
    pub fn iter(&self) -> impl Iterator<Item = (Call, Context)> {
        let contexts = (0..).map(|index| self.columns.get(index));
        self.calls.iter().copied().zip(contexts)
    }
}

/// Reads a compact trace, a frame at a time, with memory for one frame.
///
/// The reader checks every byte: a byte that the writer did not write is an error, which names the frame.
pub struct Reader<R> {
    pub(super) input: R,
    pub(super) set: ColumnSet,
    pub(super) provenance: Provenance,
    /// Bytes before the first record.
    pub(super) start: u64,
    /// The start of the next record.
    pub(super) at: u64,
    /// The numbers of calls, blocks and frames before it.
    pub(super) n_ops: u64,
    pub(super) n_blocks: u64,
    pub(super) n_frames: usize,
    /// The frames so far, to compare with the index; `None` after a seek.
    pub(super) passed: Option<Vec<Entry>>,
    /// The place of the record of live blocks before the next frame, else 0.
    pub(super) live_at: u64,
    /// The error behind the frame that was returned last.
    pub(super) pending: Option<Cause>,
    pub(super) is_done: bool,
    /// Memory for the next record.
    pub(super) content: Content,
}

impl<R: Read> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`Cause`] if this is no compact trace, or its header is damaged or of another version.
    pub fn new(mut input: R) -> Result<Self, Cause> {
        let (set, provenance, start) = header::take(&mut input)?;
        Ok(Self {
            input,
            set,
            provenance,
            start,
            at: start,
            n_ops: 0,
            n_blocks: 0,
            n_frames: 0,
            passed: Some(Vec::new()),
            live_at: 0,
            pending: None,
            is_done: false,
            content: Content::default(),
        })
    }

    /// Returns the columns of this trace.
    pub fn columns(&self) -> ColumnSet {
        self.set
    }

    /// Returns the provenance of the calls.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Returns the number of bytes read or skipped so far.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Returns the next frame; `None` after the last, if the whole file is sound.
    ///
    /// # Errors
    ///
    /// [`Cause`], which names the frame and the number of whole calls before it. After an error, only a seek
    /// can continue behind the damage.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Cause> {
        let mut frame = Frame::default();
        Ok(self.read_frame(&mut frame)?.then_some(frame))
    }

    /// As [`next_frame`](Self::next_frame), but reuses the memory of an old frame; returns false after the
    /// last.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame); the contents of `frame` then have no meaning.
    pub fn read_frame(&mut self, frame: &mut Frame) -> Result<bool, Cause> {
        if let Some(cause) = self.pending.take() {
            return Err(cause);
        }
        let mut content = core::mem::take(&mut self.content);
        let taken = self.take_records(frame, &mut content);
        self.content = content;
        taken
    }

    /// Takes records up to the next frame, or to the end.
    fn take_records(&mut self, frame: &mut Frame, content: &mut Content) -> Result<bool, Cause> {
        while !self.is_done {
            let header = record::take(&mut self.input, content);
            let header = header.map_err(|error| self.no_record(error))?;
            let content = &content.full[..];
            if (header.first_op, header.first_block) != (self.n_ops, self.n_blocks) {
                return Err(self.damaged("frames before it are missing"));
            }
            match header.kind {
                Kind::Calls => return self.take_frame(&header, content, frame).map(|()| true),
                Kind::Live => self.pass_live(&header, content)?,
                Kind::Index => self.end(&header, content)?,
            }
        }
        Ok(false)
    }

    fn take_frame(
        &mut self,
        header: &Header,
        content: &[u8],
        frame: &mut Frame,
    ) -> Result<(), Cause> {
        let is_small = header.first_op.max(header.first_block) <= MAX_COUNT;
        if !is_small || !(1..=MAX_FRAME_OPS).contains(&(header.n_items as usize)) {
            return Err(self.damaged("its header is out of range"));
        }
        self.decode(header, content, frame)?;
        if let Some(passed) = &mut self.passed {
            passed.push(Entry {
                offset: self.at,
                first_op: self.n_ops,
                first_block: self.n_blocks,
                live: self.live_at,
            });
        }
        self.live_at = 0;
        self.at += header.record_len();
        self.n_ops += frame.calls.len() as u64;
        self.n_blocks += count_blocks(&frame.calls);
        self.n_frames += 1;
        Ok(())
    }

    /// Decodes a frame. If a call is garbled, returns the calls before it, and keeps the error for the next
    /// call of this reader. A frame with columns, which lie behind the calls, fails as a whole.
    fn decode(
        &mut self,
        header: &Header,
        mut content: &[u8],
        frame: &mut Frame,
    ) -> Result<(), Cause> {
        frame.first_op = self.n_ops;
        frame.first_block = self.n_blocks;
        frame.columns = Columns::default();
        frame.calls.clear();
        let mut n_blocks = self.n_blocks;
        for _ in 0..header.n_items {
            match calls::take(&mut content, n_blocks) {
                Ok(call) => {
                    n_blocks += u64::from(matches!(call, Call::Allocate { .. }));
                    frame.calls.push(call);
                }
                Err(garbled) if self.set == ColumnSet::default() => {
                    self.pending = Some(self.garbled(garbled, frame.calls.len()));
                    return Ok(());
                }
                Err(_) => return Err(self.damaged("a call in it is garbled")),
            }
        }
        let columns = columns::take(&mut content, self.set, &frame.calls);
        frame.columns = columns.ok_or_else(|| self.damaged("its columns are garbled"))?;
        match content.is_empty() {
            true => Ok(()),
            false => Err(self.damaged("it holds more than its calls")),
        }
    }

    fn pass_live(&mut self, header: &Header, content: &[u8]) -> Result<(), Cause> {
        if live::take(content, header.n_items, header.first_block).is_none() {
            return Err(self.damaged("the live blocks before it are garbled"));
        }
        self.live_at = self.at;
        self.at += header.record_len();
        Ok(())
    }

    /// Compares the index with the frames, and checks that nothing follows the end mark.
    fn end(&mut self, header: &Header, content: &[u8]) -> Result<(), Cause> {
        let entries = index::take(content, header.n_items);
        let is_right = match &self.passed {
            Some(passed) => entries.as_ref() == Some(passed),
            None => entries.is_some(),
        };
        if !is_right {
            return Err(self.damaged("the index does not match the frames"));
        }
        let mut trailer = [0; TRAILER_LEN];
        let found = record::fill(&mut self.input, &mut trailer);
        found.map_err(|error| self.no_record(error))?;
        if trailer != index::trailer(self.at) {
            return Err(self.damaged("the end mark is not what was written"));
        }
        if self.input.read(&mut [0])? != 0 {
            return Err(self.damaged("bytes follow the end mark"));
        }
        self.at += header.record_len() + TRAILER_LEN as u64;
        self.is_done = true;
        Ok(())
    }

    pub(super) fn no_record(&self, error: NoRecord) -> Cause {
        match error {
            NoRecord::Damaged(what) => self.damaged(what),
            NoRecord::Io(error) => Cause::Io(error),
            NoRecord::CutShort => Cause::Truncated {
                frame: self.n_frames,
                n_whole: self.n_ops as usize,
            },
        }
    }

    fn garbled(&self, garbled: Garbled, n_before: usize) -> Cause {
        let op = self.n_ops as usize + n_before;
        let call = match garbled {
            Garbled::Free => "frees",
            Garbled::Resize => "resizes",
            Garbled::Number => {
                return Cause::Damaged {
                    frame: self.n_frames,
                    what: "a number in it is out of range",
                    n_whole: op,
                };
            }
        };
        Cause::Call {
            frame: self.n_frames,
            op,
            call,
            error: BlockError::NeverAllocated,
        }
    }

    pub(super) fn damaged(&self, what: &'static str) -> Cause {
        Cause::Damaged {
            frame: self.n_frames,
            what,
            n_whole: self.n_ops as usize,
        }
    }
}

fn count_blocks(calls: &[Call]) -> u64 {
    let is_allocate = |call: &&Call| matches!(call, Call::Allocate { .. });
    calls.iter().filter(is_allocate).count() as u64
}
