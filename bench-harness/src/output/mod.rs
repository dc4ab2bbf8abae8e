//! Where results go: tables to the terminal, files to disk, progress to standard error.

mod args;
mod choice;
mod file;
mod log;
mod partial;
pub mod saved;

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::select::workspace;

pub use args::ResultArgs;
pub(crate) use args::{Concluded, Outcome, percent, read_gates};
pub use choice::Choice;
pub(crate) use file::page_beside;
pub use file::{check_writable, read_results, write};
pub(crate) use log::{Log, is_same, resuming};
pub(crate) use partial::{partial_beside, remove};

/// A bar on standard error; nothing where that is no terminal.
pub(crate) fn progress(len: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(len as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len}  {msg:32}  {elapsed} + {eta}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    if io::stderr().is_terminal() {
        bar.enable_steady_tick(Duration::from_secs(1));
    }
    bar
}

/// Whether `path` stands for standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Tables go to standard output unless something else does. A reader that has seen enough is no
/// error.
pub(crate) fn print(is_taken: bool, text: &str) -> Result<()> {
    let written = match is_taken {
        true => io::stderr().write_all(text.as_bytes()),
        false => io::stdout().write_all(text.as_bytes()),
    };
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

/// `path` as a reader of the terminal knows it.
pub(crate) fn shown(path: &Path) -> String {
    let folder = workspace();
    path.strip_prefix(&folder)
        .unwrap_or(path)
        .display()
        .to_string()
}
