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
    /// The exit status is that of the program.
    Record(RecordArgs),
    /// Look into traces, cut them, make them anonymous, read and write other formats.
    Trace(TraceArgs),
}

/// Options of `record`.
#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    /// Where the trace goes. [default: target/traces/PROGRAM-PID.trace]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

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
