//! Records the allocation calls of any program that uses the C library's `malloc`.
//!
//! [`run`] preloads the library in `bench-harness/recorder` into the program, waits for its end (normal or
//! not), and converts the recording of each process to a trace. A Rust program whose global allocator is a
//! `recording::Recording` needs no library. The documentation of `bench-harness/recording` describes the
//! recording, and why the order of its calls is right.
//!
//! | module | what it does |
//! |---|---|
//! | `process` | starts the program and waits for its end |
//! | `gather` | chooses among the files of its processes, and makes traces of them |
//! | `convert`, `clock` | convert one process's events to a trace |
//! | `image`, `runtime`, `linked` | read a program's file to find out how it allocates |
//! | `symbols` | gives the recorded call stacks names |
//! | `summary`, `warning` | tell the user what was recorded |

mod clock;
mod convert;
mod error;
mod gather;
mod image;
mod library;
mod linked;
mod output;
mod process;
mod runtime;
mod summary;
mod symbols;
mod warning;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

pub use convert::{Recording, convert};
pub use error::RecordError;
pub use recording::raw;
pub use summary::{Recorded, Summary};

use output::Output;
use process::Ended;

use crate::whole_file::plain;

/// `record` keeps the trace of every process that made more calls than this.
const MATTERS: usize = 1_000;

/// The place where the recorder sees calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// In the C library's functions, by a preloaded library.
    C,
    /// In the program's own `recording::Recording`.
    Rust,
}

/// What to record, and where the traces go.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file for the trace of the program that `command` names. Without it, the trace goes to
    /// `target/traces/PROGRAM-PID.trace` in the workspace.
    pub output: Option<PathBuf>,
    /// The place where the recorder sees calls.
    pub door: Door,
    /// Keep the traces of all processes, however few calls they made.
    pub all: bool,
    /// Record the call stack of each allocation, to files beside the traces.
    pub stacks: bool,
    /// Environment variables to set for the program, beside this process's own.
    pub envs: Vec<(String, String)>,
    /// The program and its arguments.
    pub command: Vec<OsString>,
}

impl Options {
    /// Returns the options to record `command` at the C library's functions.
    pub fn new<S: Into<OsString>>(command: impl IntoIterator<Item = S>) -> Self {
        Self {
            output: None,
            door: Door::C,
            all: false,
            stacks: false,
            envs: Vec::new(),
            command: command.into_iter().map(Into::into).collect(),
        }
    }

    /// Returns the value that the variable will have in the program.
    fn env(&self, name: &str) -> Option<OsString> {
        let given = self.envs.iter().rev().find(|(given, _)| given == name);
        given.map_or_else(|| std::env::var_os(name), |(_, value)| Some(value.into()))
    }
}

/// Runs a program and writes the traces of its processes.
///
/// The **named** program is the program that the started process is at its end: a script, `env` or
/// `sh -c 'exec …'` becomes another program, and the trace is of that one. It goes to the output, FILE. The
/// traces of other processes go to the folder `FILE.d`, if they made more than a thousand calls or `all` is set.
///
/// The program has the terminal: its input and output pass through. If it crashes or is killed, the recording
/// has all calls before. An interrupt from the keyboard ends the program, but not its recording.
///
/// # Errors
///
/// [`RecordError`]: before the program runs, if its traces could not be written, the library could not be
/// built, or the program could not be started; afterwards, if the recorder saw no call.
pub fn run(options: &Options) -> Result<Summary, RecordError> {
    let program = options.command.first().ok_or(RecordError::NoProgram)?;
    let output = Output::new(options.output.clone())?;
    let library = match options.door {
        Door::C => Some(library::build()?),
        Door::Rust => None,
    };
    let recordings = tempfile::Builder::new()
        .prefix(".recording-")
        .tempdir_in(output.directory())
        .map_err(|error| RecordError::Output(output.directory().to_owned(), plain(error)))?;
    let ended = start(options, library.as_deref(), recordings.path())
        .map_err(|error| RecordError::Start(program.clone(), error))?;
    let summary = match gather::gather(options, &ended, recordings.path(), &output) {
        Ok(summary) => summary,
        Err(error) => {
            let (error, directory) = (Box::new(error), recordings.keep());
            return Err(RecordError::Kept(error, directory));
        }
    };
    match summary.is_empty() {
        true => Err(RecordError::Nothing(
            summary.warnings.join("; "),
            ended.status,
        )),
        false => Ok(summary),
    }
}

/// Runs the program to its end, with our library in front of other preloaded ones.
fn start(options: &Options, library: Option<&Path>, directory: &Path) -> io::Result<Ended> {
    let mut command = Command::new(&options.command[0]);
    command.args(&options.command[1..]);
    command.envs(options.envs.iter().cloned());
    command.env(raw::DIRECTORY_VARIABLE, directory);
    if options.stacks {
        command.env(recording::stacks::VARIABLE, "1");
    }
    if let Some(library) = library {
        let mut list = library.as_os_str().to_owned();
        if let Some(others) = options.env("LD_PRELOAD") {
            list.push(":");
            list.push(others);
        }
        command.env("LD_PRELOAD", list);
    }
    process::run(&mut command)
}
