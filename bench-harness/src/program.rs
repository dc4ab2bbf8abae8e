//! The whole program, for this package's binary and for others with more allocators.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::allocators::{self, Entry};
use crate::cli::{Cli, Command};
use crate::{advise, child, commands, conformance, count, explain, grade};

/// Does what the command line says, with `more` in the table of allocators. The processes that it
/// starts are this program again, so they know the same allocators.
pub fn main(more: fn() -> Vec<Entry>) -> ExitCode {
    allocators::register(more);
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
        Command::Bench(args) => return Ok(commands::bench(&args)),
        Command::Advise(args) => return advise::run(&args),
        Command::Count(args) => return count::run(&args),
        Command::Explain(args) => return explain::run(&args),
        Command::Grade(args) => return Ok(grade::run(&args)),
        Command::Conformance(args) => conformance::run(&args)?,
        Command::Child { job } => child::run(&job)?,
    }
    Ok(ExitCode::SUCCESS)
}
