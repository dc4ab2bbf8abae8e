//! The trace that a command reads, with a progress bar.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::trace::compact::{Frame, LiveBlock, Reader};
use crate::trace::{Cause, TraceError, name};

/// A trace file that is gone through.
pub(super) struct Source {
    /// Its frames.
    pub reader: Reader<BufReader<File>>,
    /// Its name without directory and ending.
    pub name: String,
    /// Its length in bytes.
    pub len: u64,
    path: PathBuf,
    bar: ProgressBar,
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
            bar: bar(len),
        })
    }

    /// The next frame.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>> {
        let frame = self.reader.next_frame();
        self.bar.set_position(self.reader.position());
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

impl Drop for Source {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The error of the file at `path`.
pub(super) fn at(path: &Path, cause: Cause) -> anyhow::Error {
    let path = Some(path.to_owned());
    TraceError { path, cause }.into()
}

/// A bar on standard error for so many bytes; nothing where that is no terminal.
fn bar(len: u64) -> ProgressBar {
    let target = match io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes}  {elapsed} + {eta}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::with_draw_target(Some(len), target).with_style(style)
}
