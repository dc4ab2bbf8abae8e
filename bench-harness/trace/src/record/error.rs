//! Why a program was not recorded.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::TraceError;

/// Why a program was not recorded, and what to do about it. Each says its cause itself, once.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// There is no command.
    #[error("no program to record; write it after `--`: cargo xtask record -- PROGRAM ARGS…")]
    NoProgram,
    /// The traces cannot be written where they should go.
    #[error("cannot write to {}: {_1}; choose another file with -o", _0.display())]
    Output(PathBuf, io::Error),
    /// The library to be preloaded could not be built. Nothing was run.
    #[error("cannot build the recorder: {0}")]
    Library(String),
    /// The program could not be started.
    #[error("cannot start {}: {_1}; {}", _0.display(), why_not_started(_0, _1))]
    Start(OsString, io::Error),
    /// The program's processes made no call that could be seen: why, and how it ended.
    #[error("nothing was recorded: {_0} (the program ended with {_1})")]
    Nothing(String, ExitStatus),
    /// What a process wrote cannot be read.
    #[error("cannot read the recording {}: {_1}", _0.display())]
    Raw(PathBuf, io::Error),
    /// The program ran and was recorded, but the recordings could not all be turned into traces.
    #[error(
        "{_0}; what was recorded is kept in {}: `cargo xtask trace import FILE` makes a trace of each \
         file there", _1.display()
    )]
    Kept(Box<RecordError>, PathBuf),
    /// A trace could not be written.
    #[error(transparent)]
    Write(#[from] TraceError),
}

/// What to do about a program that cannot be started.
fn why_not_started(program: &OsStr, error: &io::Error) -> &'static str {
    let path = Path::new(program);
    let is_path = program.to_string_lossy().contains('/');
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::NotFound, _) if !is_path => {
            "no directory of PATH has such a program; of one in this directory, write ./ before its name"
        }
        (io::ErrorKind::NotFound, _) if path.exists() => {
            "the file is there, but not what its first line or its ELF header names as interpreter"
        }
        (io::ErrorKind::NotFound, _) => "there is no such file",
        (io::ErrorKind::PermissionDenied, _) if path.is_dir() => "it is a directory",
        (io::ErrorKind::PermissionDenied, _) => "is it executable? `chmod +x` makes it so",
        (_, Some(libc::ENOEXEC)) => "it is neither a program nor a script that begins with `#!`",
        _ => "nothing was run",
    }
}
