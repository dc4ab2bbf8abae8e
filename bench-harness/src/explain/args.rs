//! The options of `explain`.

use std::path::PathBuf;

use clap::Args;

use crate::select::workspace;

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The trace, in any format that `bench` reads.
    #[arg(value_name = "FILE")]
    pub trace: PathBuf,

    /// Allocators to explain; those whose heap can be walked are explained wholly.
    #[arg(long, value_name = "NAME", num_args = 1.., default_values = ["libc", "coalescing", "mmap-backed", "thread-cached"])]
    pub stage: Vec<String>,

    /// Who asked for each block, as `cargo xtask record --stacks` writes it; without it, blocks are told apart by size.
    #[arg(long, value_name = "FILE")]
    pub stacks: Option<PathBuf>,

    /// Moments at even distances, beside that of the most live bytes.
    #[arg(long, value_name = "NUMBER", default_value_t = 12)]
    pub moments: usize,

    /// Seconds for each replay.
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = crate::cli::seconds)]
    pub time_limit: f64,

    /// The file for the page.
    #[arg(short, long, value_name = "FILE", default_value_os_t = default_page())]
    pub output: PathBuf,
}

fn default_page() -> PathBuf {
    workspace().join("target/bench/explained.html")
}
