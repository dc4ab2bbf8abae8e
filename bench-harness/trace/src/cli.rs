//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use alloc_trace::commands::args::TraceArgs;
use clap::{Args, Parser, Subcommand};

/// Records programs' allocation calls, and reads and changes the recorded traces.
///
/// `cargo xtask record` and `cargo xtask trace` build and run it.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a program and record its allocation calls as a trace that `bench --trace` replays.
    ///
    /// The trace covers the program that the started process is at its end: if a script, `env` or a wrapper
    /// executes another program, the trace is of that program. The exit status is the program's.
    #[command(after_help = EXAMPLES)]
    Record(RecordArgs),
    /// Inspect traces, cut them, make them anonymous, read and write other formats.
    Trace(TraceArgs),
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask record -o sort.trace -- sort /usr/share/dict/words
  cargo xtask record -o py.trace --env PYTHONMALLOC=malloc -- python3 script.py
  cargo xtask record -o make.trace --all -- make           every process that make starts, too
  cargo xtask record --rust -- target/release/my-program   a Rust program that records itself";

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// Options of `record`.
#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    /// The file for the program's trace; the traces of other processes go to the folder FILE.d.
    /// [default: target/traces/PROGRAM-PID.trace]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Also keep the traces of processes that made 1,000 calls or fewer.
    #[arg(long)]
    pub all: bool,

    /// Also record the call stack of each allocation, to FILE with the ending `.stacks`. The program is slower.
    #[arg(long, conflicts_with = "rust")]
    pub stacks: bool,

    /// Set a variable for the program, such as PYTHONMALLOC=malloc.
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub envs: Vec<(String, String)>,

    /// Record a Rust program whose global allocator is a `recording::Recording`.
    #[arg(long)]
    pub rust: bool,

    /// The program and its arguments.
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "PROGRAM ARGS"
    )]
    pub command: Vec<OsString>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
