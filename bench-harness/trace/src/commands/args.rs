//! The command line of `trace`.

use std::path::PathBuf;

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
  cargo xtask trace cut my.trace --from 1000 -o end.trace all calls from there on
  cargo xtask trace anonymize my.trace -o public.trace    sizes and order, nothing else
  cargo xtask trace import short1.rep -o short1.trace     a trace of the malloc labs
  cargo xtask trace export my.trace -o my.rep             and the other way";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// Say what is in a trace, and whether it is whole.
    Info(InfoArgs),
    /// Print calls as text, one a line.
    Dump(DumpArgs),
    /// Encode a trace anew, with fewer columns, or what is whole of a damaged one.
    Convert(ConvertArgs),
    /// Make a trace of a range of calls; what is live at its start is allocated first.
    Cut(CutArgs),
    /// Keep sizes, alignments and order only: nothing that names the program, no times, no threads.
    Anonymize(AnonymizeArgs),
    /// Make a trace of another tool's file, or of a raw recording.
    Import(ImportArgs),
    /// Write a trace as a `.rep` file of the malloc labs.
    Export(ExportArgs),
}

/// Options of `info`.
#[derive(Debug, Args)]
pub struct InfoArgs {
    /// The trace.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Which calls.
#[derive(Clone, Copy, Debug, Args)]
pub struct RangeArgs {
    /// The first call, counted from 0.
    #[arg(long, value_name = "CALL", default_value_t = 0)]
    pub from: u64,

    /// How many calls. [default: all from there on]
    #[arg(long, value_name = "NUMBER")]
    pub count: Option<u64>,
}

impl RangeArgs {
    /// The call after the last.
    pub fn end(&self) -> u64 {
        self.from.saturating_add(self.count.unwrap_or(u64::MAX))
    }
}

/// Options of `dump`.
#[derive(Debug, Args)]
pub struct DumpArgs {
    /// The trace.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Which calls.
    #[command(flatten)]
    pub range: RangeArgs,

    /// Where the text goes; `-` is standard output.
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
    /// All columns but those.
    pub fn all_but(dropped: &[Self]) -> ColumnSet {
        ColumnSet {
            threads: !dropped.contains(&Self::Threads),
            gaps: !dropped.contains(&Self::Times),
            sized: !dropped.contains(&Self::SizeOnFree),
        }
    }

    /// Those columns and no others.
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
    /// The trace.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Columns to leave out.
    #[arg(long, value_name = "COLUMN", value_enum, num_args = 1.., value_delimiter = ',')]
    pub drop: Vec<Column>,

    /// Take the whole calls at the start of a damaged trace.
    #[arg(long)]
    pub prefix: bool,

    /// Where the new trace goes; may be the old one's place.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Options of `anonymize`.
#[derive(Debug, Args)]
pub struct AnonymizeArgs {
    /// The trace.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Columns to keep all the same.
    #[arg(long, value_name = "COLUMN", value_enum, num_args = 1.., value_delimiter = ',')]
    pub keep: Vec<Column>,

    /// Where the new trace goes; may be the old one's place.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// Options of `cut`.
#[derive(Debug, Args)]
pub struct CutArgs {
    /// The trace.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Which calls.
    #[command(flatten)]
    pub range: RangeArgs,

    /// Where the new trace goes; may be the old one's place.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// A format that is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InputFormat {
    /// Of the malloc labs, in its four dialects.
    Rep,
    /// Of Android's memory replay: `187: malloc 0xb6038060 20`.
    MemoryReplay,
    /// Of ltrace and `valgrind --trace-malloc=yes`: `malloc(20) = 0x4a40040`.
    Calls,
    /// What the recorder writes while a program runs.
    Raw,
}

impl InputFormat {
    /// The format of text, unless it is none.
    pub fn text(self) -> Option<Format> {
        match self {
            Self::Rep => Some(Format::Rep),
            Self::MemoryReplay => Some(Format::MemoryReplay),
            Self::Calls => Some(Format::Calls),
            Self::Raw => None,
        }
    }
}

/// Options of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Its format. [default: what its first lines look like]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<InputFormat>,

    /// Refuse a file that strays from its format.
    #[arg(long)]
    pub strict: bool,

    /// Where the trace goes.
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
    /// The trace.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// The header to write.
    #[arg(long, value_enum, default_value = "classic")]
    pub dialect: RepDialect,

    /// Where the text goes; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}
