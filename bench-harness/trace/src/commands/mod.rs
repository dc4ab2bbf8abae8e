//! `cargo xtask trace`: inspects traces, changes them, reads and writes other formats.
//!
//! | subcommand | what it does | keeps in memory |
//! |---|---|---|
//! | `info` | shows what is in a trace, and whether it is whole | the live blocks |
//! | `dump` | prints calls as text | one frame |
//! | `rewrite` | `convert`, `anonymize`: encodes again, with fewer columns | the live blocks |
//! | `cut` | makes a trace of a range of calls | the live blocks |
//! | `export` | writes a `.rep` file | the live blocks |
//! | `flames` | writes call stacks with their weights | the whole trace |
//! | `import` | reads other formats | the whole trace |
//!
//! Each subcommand reads every format. It reads a compact file frame by frame, and a file in another format as
//! a whole. It writes a file whole or not at all.

pub mod args;
mod cut;
mod dump;
mod export;
mod flames;
mod import;
mod info;
mod rewrite;
mod source;
mod text;

use std::path::Path;

use anyhow::Result;

use args::{CutArgs, RangeArgs, TraceArgs, TraceCommand};

/// Runs `trace`.
///
/// # Errors
///
/// A file cannot be read or written, a trace is damaged, or a range is not in the trace.
pub fn run(args: &TraceArgs) -> Result<()> {
    match &args.command {
        TraceCommand::Info(args) => info::run(args),
        TraceCommand::Dump(args) => dump::run(args),
        TraceCommand::Convert(args) => rewrite::convert(args),
        TraceCommand::Flames(args) => flames::run(args),
        TraceCommand::Anonymize(args) => rewrite::anonymize(args),
        TraceCommand::Cut(args) => cut::run(args),
        TraceCommand::Import(args) => import::run(args),
        TraceCommand::Export(args) => export::run(args),
    }
}

/// Makes a trace of the first `n` calls of a trace, with memory for the live blocks.
///
/// # Errors
///
/// As [`run`].
pub fn first_calls(file: &Path, n: u64, output: &Path) -> Result<()> {
    cut::run(&CutArgs {
        file: file.to_owned(),
        range: RangeArgs {
            from: 0,
            count: Some(n),
        },
        output: output.to_owned(),
    })
}
