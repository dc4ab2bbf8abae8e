//! The options of `advise`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::preload::Library;

/// Options of `advise`.
#[derive(Debug, Args)]
pub struct AdviseArgs {
    /// The trace of the program, which `cargo xtask advise` records if there is none. Without a program, it is
    /// replayed, and nothing is run.
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,

    /// Say again what an earlier run of `advise` found, from its JSON.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["command", "trace"])]
    pub from: Option<PathBuf>,

    /// Set a variable for the program, such as PYTHONMALLOC=malloc.
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub envs: Vec<(String, String)>,

    /// Seconds that it may take, the recording of the program not counted. [default: 300, with --quick 60]
    #[arg(long, value_name = "SECONDS", value_parser = crate::cli::seconds)]
    pub time: Option<f64>,

    /// Within a minute: fewer repetitions, fewer settings, and the first 200,000 calls of the trace.
    #[arg(long)]
    pub quick: bool,

    /// A library with a `malloc` to try as well. Behind the path there may be variables for it:
    /// 'NAME=PATH VARIABLE=VALUE'.
    #[arg(long, value_name = "NAME=PATH")]
    pub preload: Vec<Library>,

    /// The file for the results as JSON; the page goes beside it. [default: target/bench/advise.json]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// The program and its arguments.
    #[arg(
        trailing_var_arg = true,
        value_name = "PROGRAM ARGS",
        required_unless_present_any = ["trace", "from"]
    )]
    pub command: Vec<OsString>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let variable = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = variable.ok_or("write it as NAME=VALUE")?;
    Ok((name.to_string(), value.to_string()))
}

impl AdviseArgs {
    /// Seconds that it may take.
    pub(super) fn seconds(&self) -> f64 {
        self.time.unwrap_or(if self.quick { 60.0 } else { 300.0 })
    }
}
