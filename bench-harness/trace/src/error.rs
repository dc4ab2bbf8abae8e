//! What can be wrong with a trace file, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::BlockError;

/// A trace that cannot be read or written: which file, and why.
#[derive(Debug)]
pub struct TraceError {
    /// The file, unless the bytes came from memory.
    pub path: Option<PathBuf>,
    /// What is wrong.
    pub cause: Cause,
}

/// What is wrong with a trace. Frames and calls are counted from 0, lines from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The file system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file is neither format.
    #[error(
        "neither a compact trace (it does not begin with the magic bytes) nor a .rep file; \
         record a trace with `cargo xtask record -- PROGRAM`"
    )]
    NotATrace,
    /// The format is not this reader's.
    #[error("{}", other_version(*.0))]
    Version(u16),
    /// The file has columns that this reader does not know.
    #[error(
        "unknown format flags {0:#06x}: the trace was made by a newer recorder; update this program"
    )]
    Flags(u16),
    /// The part before the first frame is damaged.
    #[error("the header is damaged ({0}); nothing can be read, record the trace again")]
    Header(&'static str),
    /// The file ends before its end mark.
    #[error("the file ends within frame {frame}; {}", usable(*n_whole))]
    Truncated {
        /// The frame that is not whole.
        frame: usize,
        /// How many calls before it are whole.
        n_whole: usize,
    },
    /// A frame is not what its writer wrote.
    #[error("frame {frame} is damaged ({what}); {}", usable(*n_whole))]
    Damaged {
        /// The frame.
        frame: usize,
        /// What was seen.
        what: &'static str,
        /// How many calls before it are whole.
        n_whole: usize,
    },
    /// A call that no correct program makes.
    #[error("call {op} (frame {frame}) {call} {error}; {}", usable(*op))]
    Call {
        /// The frame that holds the call.
        frame: usize,
        /// The call's number in the trace.
        op: usize,
        /// What it does: `"frees"` or `"resizes"`.
        call: &'static str,
        /// What is wrong with its block.
        error: BlockError,
    },
    /// A line of a `.rep` file.
    #[error("line {line}: {what}{}", kept(*n_whole))]
    Line {
        /// The line.
        line: usize,
        /// What is wrong with it.
        what: String,
        /// How many calls before it are whole.
        n_whole: usize,
    },
    /// The trace cannot be written: its slots or sizes are not as [`Op`](super::Op) says.
    #[error("call {op} cannot be written: {what}")]
    Unwritable {
        /// The call's number in the trace.
        op: usize,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// What to do about a version that is not this reader's, as a message.
fn other_version(version: u16) -> String {
    let known = super::compact::VERSION;
    let advice = if version < known {
        "record the trace again"
    } else {
        "update it"
    };
    format!("format version {version}, but this program reads version {known}; {advice}")
}

/// What to do about a damaged compact trace, as the second half of a message.
fn usable(n_whole: usize) -> String {
    match n_whole {
        0 => "no call before it is whole, record the trace again".to_owned(),
        n => format!("the {n} calls before it are whole, --prefix replays those"),
    }
}

/// As [`usable`], for a text that can be mended by hand.
fn kept(n_whole: usize) -> String {
    match n_whole {
        0 => String::new(),
        n => format!("; --prefix replays the {n} calls before it"),
    }
}

impl TraceError {
    /// How many calls [`Trace::load_prefix`](super::Trace::load_prefix) keeps.
    pub fn n_whole(&self) -> usize {
        match self.cause {
            Cause::Truncated { n_whole, .. }
            | Cause::Damaged { n_whole, .. }
            | Cause::Line { n_whole, .. } => n_whole,
            Cause::Call { op, .. } => op,
            _ => 0,
        }
    }
}

impl Cause {
    /// The error for the file at `path`.
    pub(crate) fn at(self, path: &Path) -> TraceError {
        TraceError {
            path: Some(path.to_owned()),
            cause: self,
        }
    }
}

impl From<Cause> for TraceError {
    fn from(cause: Cause) -> Self {
        Self { path: None, cause }
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", path.display(), self.cause),
            None => self.cause.fmt(f),
        }
    }
}

impl std::error::Error for TraceError {}
