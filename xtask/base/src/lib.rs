//! What `cargo xtask` and its tools share: arguments, other programs, and the workspace's files.

pub mod group;
pub mod launch;
pub mod listing;
pub mod nearest;
pub mod options;
pub mod process;
pub mod rustup;
pub mod tools;
pub mod tree;

use std::process::ExitCode;

/// A command's outcome; the error is the message for the terminal.
pub type Result<T = ()> = std::result::Result<T, String>;

/// Runs a command with the program's arguments.
#[must_use]
pub fn main(run: impl FnOnce(&[String]) -> Result) -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
