//! The development commands: `cargo xtask --help` lists them.
//!
//! Standard library only, so that the first `cargo xtask` compiles in a second or two.

mod beside;
mod book;
mod browser;
mod c_peers;
mod check;
mod defences;
mod emulate;
mod exercise;
mod external;
mod figures;
mod fuzz;
mod grade;
mod harness;
mod help;
mod install;
mod instructions;
mod lexer;
mod listing;
mod mutants;
mod nearest;
mod no_std;
mod npm;
mod options;
mod pages;
mod peer_libraries;
mod preload;
mod process;
mod run;
mod rustup;
mod sanitize;
mod size;
mod splice;
mod targets;
mod tidy;
mod times;
mod tools;
mod tree;
mod wasm;
mod words;

use std::process::ExitCode;

use help::Subcommand;

/// A command's outcome; the error is the message for the terminal.
type Result<T = ()> = std::result::Result<T, String>;

#[cfg(feature = "mmap-backed")]
#[global_allocator]
static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result {
    let Some((name, rest)) = args.split_first() else {
        return help::print(None);
    };
    let subcommand = help::parse(name)?;
    if help::is_wanted(subcommand, rest) {
        return help::print(Some(subcommand));
    }
    match subcommand {
        Subcommand::Bench => harness::bench(args),
        Subcommand::Advise => harness::advise(args),
        Subcommand::Count | Subcommand::Explain => harness::of_trace(args),
        Subcommand::Record | Subcommand::Trace => harness::trace(args),
        Subcommand::Grade => grade::run(rest),
        Subcommand::Exercise => exercise::run(rest),
        Subcommand::Run => run::run(rest),
        Subcommand::Install => install::run(rest),
        Subcommand::Check => check::run(rest),
        Subcommand::Tidy => tidy::run(rest),
        Subcommand::Instructions => check::alone(rest, instructions::check),
        Subcommand::Emulate => check::alone(rest, emulate::check),
        Subcommand::Size => size::run(rest),
        Subcommand::Defences => defences::run(rest),
        Subcommand::Wasm => wasm::run(rest),
        Subcommand::Mutants => mutants::run(rest),
        Subcommand::Fuzz => fuzz::run(rest),
        Subcommand::Sanitize => sanitize::run(rest),
        Subcommand::Book => book::run(rest),
        Subcommand::Figures => figures::run(rest),
        Subcommand::Help => help::run(rest),
    }
}
