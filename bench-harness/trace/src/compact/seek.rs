//! Seeking: a reader that starts in the middle of a file.

use std::io::{Read, Seek, SeekFrom};

use super::index::{self, Entry};
use super::live::{self, LiveBlock};
use super::reader::Reader;
use super::record::{self, Content, Kind};
use crate::Cause;

impl<R: Read + Seek> Reader<R> {
    /// Goes to the frame that holds call `op`, or to the first frame if the file has no index. Skips the frames
    /// before it without reading them, damaged or not. O(log frames) after reading the index.
    ///
    /// # Errors
    ///
    /// [`Cause::Io`].
    pub fn seek(&mut self, op: u64) -> Result<(), Cause> {
        let entries = self.index()?;
        let after = entries.partition_point(|entry| entry.first_op <= op);
        self.go(&entries[..after])
    }

    /// As [`seek`](Self::seek), but goes to the last frame, at or before that one, with a record of live blocks,
    /// and returns these blocks.
    ///
    /// # Errors
    ///
    /// [`Cause`] if those live blocks are damaged.
    pub fn seek_live(&mut self, op: u64) -> Result<Vec<LiveBlock>, Cause> {
        let entries = self.index()?;
        let n_before = entries.partition_point(|entry| entry.first_op <= op);
        let known = entries[..n_before]
            .iter()
            .rposition(|entry| entry.live != 0);
        let Some(known) = known else {
            self.go(&[])?;
            return Ok(Vec::new());
        };
        let entry = entries[known];
        self.input.seek(SeekFrom::Start(entry.live))?;
        let mut content = Content::default();
        let header = record::take(&mut self.input, &mut content);
        let header = header.map_err(|error| self.no_record(error))?;
        self.go(&entries[..=known])?;
        let is_right = header.kind == Kind::Live && header.first_op == entry.first_op;
        live::take(&content.full, header.n_items, entry.first_block)
            .filter(|_| is_right)
            .ok_or_else(|| self.damaged("the live blocks before it are garbled"))
    }

    /// Returns the number of calls that the trace has by its index; `None` if it has no index.
    ///
    /// # Errors
    ///
    /// [`Cause::Io`].
    pub fn count_calls(&mut self) -> Result<Option<u64>, Cause> {
        let end = index::end(&mut self.input).map_err(|error| self.no_record(error))?;
        self.input.seek(SeekFrom::Start(self.at))?;
        Ok(end)
    }

    /// Returns the index; empty if there is none.
    fn index(&mut self) -> Result<Vec<Entry>, Cause> {
        let entries = index::load(&mut self.input).map_err(|error| self.no_record(error))?;
        Ok(entries.unwrap_or_default())
    }

    /// Goes to the frame of the last of `entries`, or to the first frame if there are none. `entries` are all
    /// entries up to that frame.
    fn go(&mut self, entries: &[Entry]) -> Result<(), Cause> {
        self.at = entries.last().map_or(self.start, |entry| entry.offset);
        self.n_ops = entries.last().map_or(0, |entry| entry.first_op);
        self.n_blocks = entries.last().map_or(0, |entry| entry.first_block);
        self.n_frames = entries.len().saturating_sub(1);
        self.passed = None;
        self.live_at = 0;
        self.pending = None;
        self.is_done = false;
        self.input.seek(SeekFrom::Start(self.at))?;
        Ok(())
    }
}
