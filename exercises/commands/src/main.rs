//! The commands for stages of the reader's own: `exercise` lays one out, and `grade` measures it.

mod exercise;
mod grade;
mod manifest;

use std::process::ExitCode;

use xtask_base::Result;

fn main() -> ExitCode {
    xtask_base::main(run)
}

fn run(args: &[String]) -> Result {
    match args.split_first() {
        Some((name, args)) if name == "exercise" => exercise::run(args),
        Some((name, args)) if name == "grade" => grade::run(args),
        _ => Err("usage: exercise-commands exercise|grade [OPTIONS]".to_owned()),
    }
}
