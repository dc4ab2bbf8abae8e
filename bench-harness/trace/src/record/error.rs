//! The errors of `record`.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::TraceError;

/// The reason why a program was not recorded, with advice. Each message contains its cause once.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// There is no command.
    #[error("no program to record; write it after `--`: cargo xtask record -- PROGRAM ARGS…")]
    NoProgram,
    /// The place for the traces cannot be written.
    #[error("cannot write to {}: {_1}; choose another file with -o", _0.display())]
    Output(PathBuf, io::Error),
    /// The library to preload could not be built. Nothing was run.
    #[error("cannot build the recorder: {0}")]
    Library(String),
    /// The program could not be started.
    #[error("cannot start {}: {_1}; {}", _0.display(), why_not_started(_0, _1))]
    Start(OsString, io::Error),
    /// The recorder saw no call of the program's processes: the reason, and how the program ended.
    #[error("nothing was recorded: {_0} (the program ended with {_1})")]
    Nothing(String, ExitStatus),
    /// The recording of a process cannot be read.
    #[error("cannot read the recording {}: {_1}", _0.display())]
    Raw(PathBuf, io::Error),
    /// The program was recorded, but not all recordings could be converted to traces.
    #[error(
        "{_0}; the recordings are kept in {}: `cargo xtask trace import FILE` makes a trace of each \
         file there", _1.display()
    )]
    Kept(Box<RecordError>, PathBuf),
    /// A trace could not be written.
    #[error(transparent)]
    Write(#[from] TraceError),
}

/// Returns advice about a program that cannot be started.
fn why_not_started(program: &OsStr, error: &io::Error) -> &'static str {
    let path = Path::new(program);
    let is_path = program.to_string_lossy().contains('/');
    match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::NotFound, _) if !is_path => {
            "no directory of PATH has such a program; if it is in this directory, write ./ before its name"
        }
        (io::ErrorKind::NotFound, _) if path.exists() => {
            "the file exists, but the interpreter that its first line or its ELF header names does not"
        }
        (io::ErrorKind::NotFound, _) => "there is no such file",
        (io::ErrorKind::PermissionDenied, _) if path.is_dir() => "it is a directory",
        (io::ErrorKind::PermissionDenied, _) => "is it executable? `chmod +x` makes it so",
        (_, Some(libc::ENOEXEC)) => "it is neither a program nor a script that begins with `#!`",
        _ => "nothing was run",
    }
}
