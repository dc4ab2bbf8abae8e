//! The program behind `cargo xtask record` and `cargo xtask trace`.

mod cli;

use std::os::unix::process::ExitStatusExt;
use std::process::ExitCode;

use alloc_trace::{commands, record};
use anyhow::Result;
use clap::Parser;

use cli::{Cli, Command, RecordArgs};

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
        Command::Record(args) => run_program(args),
        Command::Trace(args) => commands::run(&args).map(|()| ExitCode::SUCCESS),
    }
}

/// Records the program, prints a summary to standard error, and returns the program's exit status.
fn run_program(args: RecordArgs) -> Result<ExitCode> {
    let door = match args.rust {
        true => record::Door::Rust,
        false => record::Door::C,
    };
    let summary = record::run(&record::Options {
        output: args.output,
        door,
        all: args.all,
        stacks: args.stacks,
        envs: args.envs,
        command: args.command,
    })?;
    eprint!("{summary}");
    let status = summary.status;
    // Like a shell, report a signal as 128 plus its number.
    let code = status
        .code()
        .or_else(|| Some(128 + status.signal()?))
        .unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}
