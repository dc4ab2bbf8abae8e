//! The command line of `trace`.

use std::path::PathBuf;

use crate::stacks::Weight;
use clap::{Args, Subcommand, ValueEnum};

use crate::ColumnSet;
use crate::import::Format;
use crate::rep::Dialect;

/// Options of `trace`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, disable_help_subcommand = true)]
pub struct TraceArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TraceCommand,
}

const EXAMPLES: &str = "\
Examples:
  cargo xtask trace info my.trace                         what is in it, and is it whole?
  cargo xtask trace dump my.trace --from 1000 --count 20  twenty calls as text
  cargo xtask trace cut my.trace --from 1000 -o end.trace all calls from call 1000 on
  cargo xtask trace anonymize my.trace -o public.trace    only sizes, alignments and order
  cargo xtask trace import short1.rep -o short1.trace     read a trace of the malloc labs
  cargo xtask trace export my.trace -o my.rep             write a trace for the malloc labs";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// Show what is in a trace, and whether it is whole.
    Info(InfoArgs),
    /// Print calls as text, one a line.
    Dump(DumpArgs),
    /// Encode a trace again, with fewer columns, or only the whole calls of a damaged trace.
    Convert(ConvertArgs),
    /// Make a trace of a range of calls; it first allocates the blocks that are live at the range's start.
    Cut(CutArgs),
    /// Write call stacks with their weights, for a flame graph.
    Flames(FlamesArgs),
    /// Keep only sizes, alignments and order: no name of the program, no times, no threads.
    Anonymize(AnonymizeArgs),
    /// Make a compact trace from another tool's file or from a raw recording, and report what does not fit.
    Import(ImportArgs),
    /// Write a trace as a `.rep` file of the malloc labs.
    Export(ExportArgs),
}

/// Options of `info`.
#[derive(Debug, Args)]
pub struct InfoArgs {
    /// The trace, in any known format.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// A range of calls.
#[derive(Clone, Copy, Debug, Args)]
pub struct RangeArgs {
    /// The first call, counted from 0.
    #[arg(long, value_name = "CALL", default_value_t = 0)]
    pub from: u64,

    /// The number of calls. [default: all from there on]
    #[arg(long, value_name = "NUMBER")]
    pub count: Option<u64>,
}

impl RangeArgs {
    /// Returns the number of the call after the last.
    pub fn end(&self) -> u64 {
        self.from.saturating_add(self.count.unwrap_or(u64::MAX))
    }
}

/// Options of `dump`.
#[derive(Debug, Args)]
pub struct DumpArgs {
    /// The trace, in any known format.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The calls to print.
    #[command(flatten)]
    pub range: RangeArgs,

    /// The file for the text; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
}

/// A column of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Column {
    /// The thread that made each call.
    Threads,
    /// The time between calls.
    Times,
    /// Whether a free stated its block's size.
    SizeOnFree,
}

impl Column {
    /// Returns all columns but the given ones.
    pub fn all_but(dropped: &[Self]) -> ColumnSet {
        ColumnSet {
            threads: !dropped.contains(&Self::Threads),
            gaps: !dropped.contains(&Self::Times),
            sized: !dropped.contains(&Self::SizeOnFree),
        }
    }

    /// Returns only the given columns.
    pub fn only(kept: &[Self]) -> ColumnSet {
        ColumnSet {
            threads: kept.contains(&Self::Threads),
            gaps: kept.contains(&Self::Times),
            sized: kept.contains(&Self::SizeOnFree),
        }
    }
}

/// Options of `convert`.
#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// The trace, in any known format.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Columns to leave out.
    #[arg(long, value_name = "COLUMN", value_enum, num_args = 1.., value_delimiter = ',')]
    pub drop: Vec<Column>,

    /// Read the whole calls at the start of a damaged trace.
    #[arg(long)]
    pub prefix: bool,

    /// The file for the new trace; may be the old file.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Options of `anonymize`.
#[derive(Debug, Args)]
pub struct AnonymizeArgs {
    /// The trace, in any known format.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Columns to keep nevertheless.
    #[arg(long, value_name = "COLUMN", value_enum, num_args = 1.., value_delimiter = ',')]
    pub keep: Vec<Column>,

    /// The file for the new trace; may be the old file.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Options of `flames`.
#[derive(Debug, Args)]
pub struct FlamesArgs {
    /// The trace; its stacks are beside it, with the ending `.stacks`.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// What a stack weighs.
    #[arg(long, value_name = "WHAT", value_enum, default_value = "bytes")]
    pub by: Weight,

    /// The file for the lines `outer;inner WEIGHT`; `-` is standard output.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,
}

/// Options of `cut`.
#[derive(Debug, Args)]
pub struct CutArgs {
    /// The trace, in any known format.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The calls to cut out.
    #[command(flatten)]
    pub range: RangeArgs,

    /// The file for the new trace; may be the old file.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// A format that `import` reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InputFormat {
    /// The format of the malloc labs, in its four dialects.
    Rep,
    /// The format of Android's memory replay: `187: malloc 0xb6038060 20`.
    MemoryReplay,
    /// The output of ltrace and `valgrind --trace-malloc=yes`: `malloc(20) = 0x4a40040`.
    Calls,
    /// The raw recording that the recorder writes while a program runs.
    Raw,
}

impl From<InputFormat> for Format {
    fn from(format: InputFormat) -> Self {
        match format {
            InputFormat::Rep => Self::Rep,
            InputFormat::MemoryReplay => Self::MemoryReplay,
            InputFormat::Calls => Self::Calls,
            InputFormat::Raw => Self::Raw,
        }
    }
}

/// Options of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The file's format. [default: detected by its first lines]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<InputFormat>,

    /// Refuse a file that deviates from its format.
    #[arg(long)]
    pub strict: bool,

    /// The file for the trace.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// The header of a `.rep` file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RepDialect {
    /// Suggested heap size, ids, calls, weight.
    Classic,
    /// Weight, ids, calls, ignore ranges.
    Flags,
    /// Weight, ids, calls, peak live bytes.
    Peak,
    /// Ids, calls.
    Short,
}

impl From<RepDialect> for Dialect {
    fn from(dialect: RepDialect) -> Self {
        match dialect {
            RepDialect::Classic => Self::Classic,
            RepDialect::Flags => Self::Flags,
            RepDialect::Peak => Self::Peak,
            RepDialect::Short => Self::Short,
        }
    }
}

/// Options of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The trace, in any known format.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The header to write.
    #[arg(long, value_enum, default_value = "classic")]
    pub dialect: RepDialect,

    /// The file for the text; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}
