//! The errors of trace files, and advice about each.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::BlockError;

/// The error of a trace that cannot be read or written: the file and the cause.
#[derive(Debug)]
pub struct TraceError {
    /// The file, unless the bytes came from memory.
    pub path: Option<PathBuf>,
    /// The cause.
    pub cause: Cause,
}

/// The cause of an error. It counts frames and calls from 0, and lines from 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// The file system refused.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file is in no known format.
    #[error(
        "neither a compact trace nor one of the formats that `cargo xtask trace import --help` lists; \
         record a trace with `cargo xtask record -- PROGRAM`"
    )]
    NotATrace,
    /// The format has another version than this reader's.
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
        /// The incomplete frame.
        frame: usize,
        /// The number of whole calls before it.
        n_whole: usize,
    },
    /// A frame is not what its writer wrote.
    #[error("frame {frame} is damaged ({what}); {}", usable(*n_whole))]
    Damaged {
        /// The frame.
        frame: usize,
        /// The damage.
        what: &'static str,
        /// The number of whole calls before it.
        n_whole: usize,
    },
    /// A call that no correct program makes.
    #[error("call {op} (frame {frame}) {call} {error}; {}", usable(*op))]
    Call {
        /// The frame that holds the call.
        frame: usize,
        /// The call's number in the trace.
        op: usize,
        /// The call's verb: `"frees"` or `"resizes"`.
        call: &'static str,
        /// What is wrong with its block.
        error: BlockError,
    },
    /// A line of a text file is wrong.
    #[error("line {line}: {what}{}", kept(*n_whole))]
    Line {
        /// The line.
        line: usize,
        /// What is wrong with it.
        what: String,
        /// The number of whole calls before it.
        n_whole: usize,
    },
    /// The trace cannot be written: its slots or sizes break the rules of [`Op`](super::Op).
    #[error("call {op} cannot be written: {what}")]
    Unwritable {
        /// The call's number in the trace.
        op: usize,
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Returns the message about another version, with advice.
fn other_version(version: u16) -> String {
    let known = super::compact::VERSION;
    let advice = if version < known {
        "record the trace again"
    } else {
        "update it"
    };
    format!("format version {version}, but this program reads version {known}; {advice}")
}

/// Returns the advice about a damaged compact trace, as the second half of a message.
fn usable(n_whole: usize) -> String {
    match n_whole {
        0 => "no call before it is whole, record the trace again".to_owned(),
        n => format!("the {n} calls before it are whole, --prefix replays those"),
    }
}

/// As [`usable`], for a text file, which can be corrected by hand.
fn kept(n_whole: usize) -> String {
    match n_whole {
        0 => String::new(),
        n => format!("; --prefix replays the {n} calls before it"),
    }
}

impl TraceError {
    /// Returns how many calls [`Trace::load_prefix`](super::Trace::load_prefix) keeps.
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
    /// Returns the error for the file at `path`.
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
