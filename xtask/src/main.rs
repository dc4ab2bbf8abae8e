//! The development commands: `cargo xtask --help` lists them.
//!
//! Its few dependencies are small, so that the first `cargo xtask` compiles within seconds.

mod beside;
mod book;
mod browser;
mod c_peers;
mod check;
mod data;
mod defences;
mod emulate;
mod exercise;
mod external;
mod figures;
mod fuzz;
mod grade;
mod group;
mod harness;
mod help;
mod install;
mod instructions;
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

/// A command's outcome; the error is the message for the terminal.
type Result<T = ()> = std::result::Result<T, String>;

#[cfg(feature = "mmap-backed")]
#[global_allocator]
static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();

/// Does a command with the arguments behind its name.
enum Run {
    Ours(fn(&[String]) -> Result),
    /// The bench harness or the tool for traces does it, and takes the name as well. It says what `--help` asks for.
    Theirs(fn(&[String]) -> Result),
}

const COMMANDS: &[(&str, Run)] = &[
    ("bench", Run::Theirs(harness::bench)),
    ("advise", Run::Theirs(harness::advise)),
    ("count", Run::Theirs(harness::of_trace)),
    ("explain", Run::Theirs(harness::of_trace)),
    ("record", Run::Theirs(harness::trace)),
    ("trace", Run::Theirs(harness::trace)),
    ("grade", Run::Ours(grade::run)),
    ("exercise", Run::Ours(exercise::run)),
    ("run", Run::Ours(run::run)),
    ("install", Run::Ours(install::run)),
    ("check", Run::Ours(check::run)),
    ("tidy", Run::Ours(tidy::run)),
    (
        "instructions",
        Run::Ours(|args| check::alone(args, instructions::check)),
    ),
    ("size", Run::Ours(size::run)),
    ("defences", Run::Ours(defences::run)),
    ("wasm", Run::Ours(wasm::run)),
    (
        "emulate",
        Run::Ours(|args| check::alone(args, emulate::check)),
    ),
    ("mutants", Run::Ours(mutants::run)),
    ("fuzz", Run::Ours(fuzz::run)),
    ("sanitize", Run::Ours(sanitize::run)),
    ("book", Run::Ours(book::run)),
    ("figures", Run::Ours(figures::run)),
    ("help", Run::Ours(help::run)),
];

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
        return help::run(&[]);
    };
    match COMMANDS.iter().find(|(command, _)| command == name) {
        Some((_, Run::Theirs(run))) => run(args),
        Some(("help", Run::Ours(run))) => run(rest),
        Some((name, Run::Ours(_))) if help::is_wanted(rest) => help::print(name),
        Some((_, Run::Ours(run))) => run(rest),
        None if help::is_wanted(&args[..1]) => help::run(&[]),
        None => Err(help::unknown(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_the_other_way_round() {
        let pages = help::pages();
        let names = COMMANDS.iter().map(|(name, _)| *name);
        assert!(names.eq(pages.iter().map(|page| &*page.name)));
    }
}
