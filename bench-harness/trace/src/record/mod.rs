//! Records the allocation calls of any program that uses the C library's `malloc`.
//!
//! [`run`] preloads the library in `bench-harness/recorder` into the program, waits for its end,
//! however that comes, and turns what each of its processes wrote into a trace. A Rust program whose
//! global allocator is a `recording::Recording` needs no library. How the calls are written down and
//! why their order can be trusted is in the documentation of `bench-harness/recording`.

mod clock;
mod convert;
mod error;
mod library;
mod output;
mod summary;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use convert::{Recording, convert};
pub use error::RecordError;
pub use recording::raw;
pub use summary::{Recorded, Summary};

use output::Output;

/// Where calls are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// In the C library's functions, by a library that is preloaded.
    C,
    /// In the program's own `recording::Recording`.
    Rust,
}

/// Runs `command` and writes a trace for each of its processes that allocates.
///
/// With `output`, the process with most calls goes to that file and the others beside it; without,
/// all go to `target/traces/PROGRAM-PID.trace` in the workspace. The program has the terminal: its
/// input and output pass through. If it crashes or is killed, what it did before is recorded.
/// With `door`, [`Door::Rust`] is for programs that record themselves.
///
/// # Errors
///
/// [`RecordError`]: before the program runs if its traces could not be written, the library could
/// not be built or the program not be started; after it if it made no call that can be seen.
pub fn run(
    output: Option<PathBuf>,
    door: Door,
    command: &[OsString],
) -> Result<Summary, RecordError> {
    let output = Output::new(output)?;
    let library = match door {
        Door::C => Some(library::build()?),
        Door::Rust => None,
    };
    let recordings = tempfile::Builder::new()
        .prefix(".recording-")
        .tempdir_in(output.directory())
        .map_err(|error| RecordError::Output(output.directory().to_owned(), error))?;
    let status = execute(command, library.as_deref(), recordings.path())?;
    let processes = match write(recordings.path(), &output) {
        Ok(processes) => processes,
        Err(error) => {
            let (error, directory) = (Box::new(error), recordings.keep());
            return Err(RecordError::Kept(error, directory));
        }
    };
    match processes.is_empty() {
        true => Err(RecordError::Nothing(status)),
        false => Ok(Summary { processes, status }),
    }
}

/// Turns what the processes wrote into traces, that of the process with most calls first.
fn write(recordings: &Path, output: &Output) -> Result<Vec<Recorded>, RecordError> {
    let mut recordings = read_all(recordings)?;
    recordings.sort_by_key(|recording| core::cmp::Reverse(recording.trace.ops.len()));
    output.write_all(recordings)
}

/// Runs the program to its end.
fn execute(
    command: &[OsString],
    library: Option<&Path>,
    directory: &Path,
) -> Result<ExitStatus, RecordError> {
    let (program, arguments) = command.split_first().ok_or(RecordError::NoProgram)?;
    // An interrupt from the keyboard goes to the program too. It ends the program, not this one.
    let interrupted = Arc::new(AtomicBool::new(false));
    let handler = signal_hook::flag::register(libc::SIGINT, interrupted);
    let mut command = Command::new(program);
    command.args(arguments);
    command.env(raw::DIRECTORY_VARIABLE, directory);
    if let Some(library) = library {
        command.env("LD_PRELOAD", preload(library));
    }
    let status = command.status();
    if let Ok(handler) = handler {
        signal_hook::low_level::unregister(handler);
    }
    status.map_err(|error| RecordError::Start(program.clone(), error))
}

/// The library, before whatever else is preloaded.
fn preload(library: &Path) -> OsString {
    let mut list = library.as_os_str().to_owned();
    if let Some(others) = std::env::var_os("LD_PRELOAD") {
        list.push(":");
        list.push(others);
    }
    list
}

/// The recordings of all processes that made a call.
fn read_all(directory: &Path) -> Result<Vec<Recording>, RecordError> {
    let unreadable = |error| RecordError::Raw(directory.to_owned(), error);
    let mut recordings = Vec::new();
    for entry in fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let bytes = fs::read(&path).map_err(|error| RecordError::Raw(path, error))?;
        // A file without a header is of a process that was killed as it made its first call.
        let recording = convert(&bytes);
        recordings.extend(recording.filter(|recording| !recording.trace.ops.is_empty()));
    }
    Ok(recordings)
}
