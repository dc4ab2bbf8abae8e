//! The options of `count`.

use std::path::PathBuf;

use clap::Args;

/// Options of `count`.
#[derive(Debug, Args)]
pub struct CountArgs {
    /// The recording, in any format that `bench` reads.
    #[arg(value_name = "FILE")]
    pub trace: PathBuf,

    /// What the program is called: counts of the same name are compared. [default: the name of the file]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Allocators to find the footprint and the fragmentation on.
    #[arg(long, value_name = "NAME", num_args = 1.., default_values = ["libc", "coalescing", "thread-cached"])]
    pub stage: Vec<String>,

    /// Count the instructions of a call on each, too, by valgrind.
    #[arg(long)]
    pub instructions: bool,

    /// Append the figures to this file, a line of JSON each.
    #[arg(long, value_name = "FILE")]
    pub records: Option<PathBuf>,

    /// Show what changed since the count in this file.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Fail if a figure is worse than the baseline's by more than so many per cent, or gone.
    #[arg(long, value_name = "PERCENT", requires = "baseline")]
    pub fail_on: Option<f64>,

    /// Append all that is printed to this file, as Markdown: the job summary of a continuous integration.
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
}
