//! Why a program was not recorded.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use crate::TraceError;

/// Why a program was not recorded, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// There is no command.
    #[error("no program to record; write it after `--`: cargo xtask record -- PROGRAM ARGS…")]
    NoProgram,
    /// The traces could not be written where they should go. Nothing was run.
    #[error("cannot write to {}: {_1}; nothing was run, choose another file with -o", _0.display())]
    Output(PathBuf, #[source] io::Error),
    /// The library to be preloaded could not be built. Nothing was run.
    #[error("cannot build the recorder: {0}")]
    Library(String),
    /// The program could not be started.
    #[error("cannot start {}: {_1}", _0.display())]
    Start(OsString, #[source] io::Error),
    /// The program's processes made no call that could be seen.
    #[error(
        "no call to malloc was seen ({0}): the program is statically linked, brings its own \
         allocator, or may not be preloaded into (setuid); with --rust, its global allocator is no \
         `recording::Recording`"
    )]
    Nothing(ExitStatus),
    /// What a process wrote cannot be read.
    #[error("cannot read the recording {}: {_1}", _0.display())]
    Raw(PathBuf, #[source] io::Error),
    /// The program ran and was recorded, but the recordings could not all be turned into traces.
    #[error(
        "{_0}; what was recorded is kept in {}: `cargo xtask trace import FILE` makes a trace of each \
         file there", _1.display()
    )]
    Kept(#[source] Box<RecordError>, PathBuf),
    /// A trace could not be written.
    #[error(transparent)]
    Write(#[from] TraceError),
}
