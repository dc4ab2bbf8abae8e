//! `cargo xtask trace`: looks into traces, changes them, reads and writes other formats.
//!
//! | subcommand | what it does | needs in memory |
//! |---|---|---|
//! | `info` | says what is in a trace, and whether it is whole | what is live at one time |
//! | `dump` | prints calls as text | one frame |
//! | `rewrite` | `convert`, `anonymize`: encodes anew, with fewer columns | what is live at one time |
//! | `cut` | makes a trace of a range of calls | what is live at one time |
//! | `export` | writes a `.rep` file | what is live at one time |
//! | `import` | reads other formats | the whole trace |
//!
//! A file is written whole or not at all.

pub mod args;
mod cut;
mod dump;
mod export;
mod import;
mod info;
mod rewrite;
mod source;
mod text;

use anyhow::Result;

use args::{TraceArgs, TraceCommand};

/// `trace`.
///
/// # Errors
///
/// Files that cannot be read or written, damage, and ranges that are not in the trace.
pub fn run(args: &TraceArgs) -> Result<()> {
    match &args.command {
        TraceCommand::Info(args) => info::run(args),
        TraceCommand::Dump(args) => dump::run(args),
        TraceCommand::Convert(args) => rewrite::convert(args),
        TraceCommand::Anonymize(args) => rewrite::anonymize(args),
        TraceCommand::Cut(args) => cut::run(args),
        TraceCommand::Import(args) => import::run(args),
        TraceCommand::Export(args) => export::run(args),
    }
}
