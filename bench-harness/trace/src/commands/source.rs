//! [`Source`]: the trace that a command reads.

use std::fs;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::compact::{self, Frame, LiveBlock, Reader};
use crate::rep::Strictness;
use crate::{Cause, Contents, Trace, TraceError, import, name};

/// The input of frames: a compact file, or a file in another format that was converted in memory.
pub(super) trait Input: Read + Seek {}

impl<T: Read + Seek> Input for T {}

/// A trace file in any format, read frame by frame.
pub(super) struct Source {
    /// Its frames.
    pub reader: Reader<Box<dyn Input>>,
    /// Its name without directory and ending.
    pub name: String,
    /// Its length in bytes.
    pub len: u64,
    path: PathBuf,
}

impl Source {
    /// Opens a trace.
    pub(super) fn open(path: &Path) -> Result<Self> {
        Self::new(path, |bytes, name| {
            import::load(bytes, name, Strictness::Lenient)
        })
    }

    /// Opens a trace; if a text has an error, takes the calls before it.
    pub(super) fn open_prefix(path: &Path) -> Result<Self> {
        Self::new(path, |bytes, name| {
            let (trace, stopped) = import::load_prefix(bytes, name)?;
            if let Some(cause) = stopped {
                eprintln!("warning: {}", at(path, cause));
            }
            Ok(trace)
        })
    }

    fn new(path: &Path, import: impl FnOnce(&[u8], &str) -> Result<Trace, Cause>) -> Result<Self> {
        let said = || path.display().to_string();
        let name = name(path);
        let input: Box<dyn Input> = match Contents::open(path).with_context(said)? {
            Contents::Compact(file) => Box::new(file),
            Contents::Other(bytes) => {
                let encoded = import(&bytes, &name).and_then(|trace| compact::write(&trace));
                Box::new(Cursor::new(encoded.map_err(|cause| at(path, cause))?))
            }
        };
        Ok(Self {
            reader: Reader::new(input).map_err(|cause| at(path, cause))?,
            name,
            len: fs::metadata(path).with_context(said)?.len(),
            path: path.to_owned(),
        })
    }

    /// Returns the next frame.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>> {
        let frame = self.reader.next_frame();
        frame.map_err(|cause| at(&self.path, cause))
    }

    /// As [`Reader::seek`].
    pub(super) fn seek(&mut self, op: u64) -> Result<()> {
        self.reader.seek(op).map_err(|cause| at(&self.path, cause))
    }

    /// As [`Reader::seek_live`].
    pub(super) fn seek_live(&mut self, op: u64) -> Result<Vec<LiveBlock>> {
        let blocks = self.reader.seek_live(op);
        blocks.map_err(|cause| at(&self.path, cause))
    }

    /// Returns the error of a call that no correct program makes.
    pub(super) fn wrong_call(&self, op: u64, what: impl std::fmt::Display) -> anyhow::Error {
        anyhow!("{}: call {op} is on {what}", self.path.display())
    }

    /// Returns the error of a range that begins after the last call.
    pub(super) fn beyond(&self, from: u64, n_ops: u64) -> anyhow::Error {
        let path = self.path.display();
        anyhow!("{path}: there is no call {from}, the trace has {n_ops}")
    }
}

/// Returns the error of the file at `path`.
pub(super) fn at(path: &Path, cause: Cause) -> anyhow::Error {
    let path = Some(path.to_owned());
    TraceError { path, cause }.into()
}
