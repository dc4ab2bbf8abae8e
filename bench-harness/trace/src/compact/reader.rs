//! Reads a file frame by frame, from its beginning or from any call on.

use std::io::Read;

use super::calls::{self, Call, Garbled};
use super::index::{self, Entry, TRAILER_LEN};
use super::live;
use super::record::{self, Content, Header, Kind, NoRecord};
use super::{MAX_FRAME_OPS, columns, header};
use crate::{BlockError, BlockId, Cause, ColumnSet, Columns, Context, Provenance};

/// More calls than any file holds.
const MAX_COUNT: u64 = 1 << 62;

/// Up to [`MAX_FRAME_OPS`] calls that follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Calls before the first.
    pub first_op: u64,
    /// Allocations before the first: the id of the frame's first new block.
    pub first_block: BlockId,
    /// The calls. Each names a block that was allocated, but not for sure one that is live:
    /// [`Live`](super::Live) knows that.
    pub calls: Vec<Call>,
    /// What is known of each beside that.
    pub columns: Columns,
}

impl Frame {
    /// The calls with what is known of each.
    pub fn iter(&self) -> impl Iterator<Item = (Call, Context)> {
        let contexts = (0..).map(|index| self.columns.get(index));
        self.calls.iter().copied().zip(contexts)
    }
}

/// Reads a compact trace, a frame at a time. Takes memory for a frame.
///
/// Every byte is checked: what is not as the writer left it is an error, named with its frame.
pub struct Reader<R> {
    pub(super) input: R,
    pub(super) set: ColumnSet,
    pub(super) provenance: Provenance,
    /// Bytes before the first record.
    pub(super) start: u64,
    /// Where the next record begins.
    pub(super) at: u64,
    /// Calls, blocks and frames before it.
    pub(super) n_ops: u64,
    pub(super) n_blocks: u64,
    pub(super) n_frames: usize,
    /// The frames so far, to be compared with the index; `None` after a seek.
    pub(super) passed: Option<Vec<Entry>>,
    /// Where the live blocks before the next frame are, else 0.
    pub(super) live_at: u64,
    /// What is wrong behind the frame that was returned last.
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

    /// The columns of this trace.
    pub fn columns(&self) -> ColumnSet {
        self.set
    }

    /// Where its calls come from.
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// How many bytes were read so far, or passed over.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// The next frame; `None` after the last, when the file has shown to be whole.
    ///
    /// # Errors
    ///
    /// [`Cause`] naming the frame and how many calls before it are whole. Nothing can be read
    /// after that, but a seek goes on behind it.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Cause> {
        let mut frame = Frame::default();
        Ok(self.read_frame(&mut frame)?.then_some(frame))
    }

    /// As [`next_frame`](Self::next_frame), into the memory of a frame that is not needed any
    /// more; `false` after the last.
    ///
    /// # Errors
    ///
    /// As [`next_frame`](Self::next_frame); what is in `frame` then means nothing.
    pub fn read_frame(&mut self, frame: &mut Frame) -> Result<bool, Cause> {
        if let Some(cause) = self.pending.take() {
            return Err(cause);
        }
        let mut content = core::mem::take(&mut self.content);
        let taken = self.take_records(frame, &mut content);
        self.content = content;
        taken
    }

    /// Takes records to the next frame, or to the end.
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

    /// Decodes a frame. What comes before a garbled call is returned, and the error kept for the
    /// next time; with columns, which are behind the calls, nothing is.
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

    /// Checks the index against the frames, and that nothing follows it.
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
