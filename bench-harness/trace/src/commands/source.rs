//! The trace that a command reads.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};

use crate::compact::{Frame, LiveBlock, Reader};
use crate::{Cause, TraceError, name};

/// A trace file that is gone through.
pub(super) struct Source {
    /// Its frames.
    pub reader: Reader<BufReader<File>>,
    /// Its name without directory and ending.
    pub name: String,
    /// Its length in bytes.
    pub len: u64,
    path: PathBuf,
}

impl Source {
    /// Opens a compact trace.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        let len = file
            .metadata()
            .with_context(|| path.display().to_string())?
            .len();
        let reader = match Reader::new(BufReader::with_capacity(1 << 16, file)) {
            Ok(reader) => reader,
            Err(Cause::NotATrace) => {
                let path = path.display();
                return Err(anyhow!(
                    "{path}: no compact trace; `cargo xtask trace import {path} -o FILE.trace` \
                     makes one of other formats"
                ));
            }
            Err(cause) => return Err(at(path, cause)),
        };
        Ok(Self {
            reader,
            name: name(path),
            len,
            path: path.to_owned(),
        })
    }

    /// The next frame.
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

    /// The error of a call that no correct program makes.
    pub(super) fn wrong_call(&self, op: u64, what: impl std::fmt::Display) -> anyhow::Error {
        anyhow!("{}: call {op} is on {what}", self.path.display())
    }

    /// The error of a range that begins after the last call.
    pub(super) fn beyond(&self, from: u64, n_ops: u64) -> anyhow::Error {
        let path = self.path.display();
        anyhow!("{path}: there is no call {from}, the trace has {n_ops}")
    }
}

/// The error of the file at `path`.
pub(super) fn at(path: &Path, cause: Cause) -> anyhow::Error {
    let path = Some(path.to_owned());
    TraceError { path, cause }.into()
}
