//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use alloc_trace::commands::args::TraceArgs;
use clap::{Args, Parser, Subcommand};

/// Records programs' allocation calls, and looks into what was recorded.
///
/// Reached through `cargo xtask record` and `cargo xtask trace`, which build it first.
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
    /// The trace is of what the started process is at its end: a script, `env` or a wrapper that executes
    /// another program becomes that. The exit status is that of the program.
    #[command(after_help = EXAMPLES)]
    Record(RecordArgs),
    /// Look into traces, cut them, make them anonymous, read and write other formats.
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
    /// Where the program's trace goes; those of other processes go to the folder FILE.d.
    /// [default: target/traces/PROGRAM-PID.trace]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Keep the traces of processes that made up to 1,000 calls, too.
    #[arg(long)]
    pub all: bool,

    /// Set a variable for the program, such as PYTHONMALLOC=malloc.
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub envs: Vec<(String, String)>,

    /// The program is a Rust program whose global allocator is a `recording::Recording`.
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
