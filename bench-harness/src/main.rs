//! `cargo xtask bench`, `record` and `trace` end here.

use std::process::ExitCode;

use anyhow::Result;
use bench_harness::cli::{Cli, Command};
use bench_harness::{child, commands, conformance, trace_command};
use clap::Parser;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Bench(args) => commands::bench(&args)?,
        Command::Record(args) => return commands::record(args),
        Command::Trace(args) => trace_command::run(&args)?,
        Command::Conformance(args) => conformance::run(&args)?,
        Command::Child { job } => child::run(&job)?,
    }
    Ok(ExitCode::SUCCESS)
}
