//! The development commands: `cargo xtask --help` lists them.
//!
//! Whoever clones the workspace builds this first, so it is small. What takes more than the standard library is a tool in a
//! package of its own, which is built when its command is called.

mod beside;
mod book;
mod browser;
mod c_peers;
mod check;
mod defences;
mod emulate;
mod external;
mod fuzz;
mod harness;
mod help;
mod install;
mod instructions;
mod no_std;
mod npm;
mod pages;
mod peer_libraries;
mod preload;
mod run;
mod sanitize;
mod targets;
mod times;
mod wasm;
mod words;

use std::process::ExitCode;

use xtask_base::{Result, launch};

/// A command.
struct Command {
    name: &'static str,
    /// What `--help` says of it: the usage, a line of what it does, and more.
    page: &'static str,
    run: Run,
}

/// Who does a command.
enum Run {
    /// A function, with the arguments behind the name.
    Ours(fn(&[String]) -> Result),
    /// A tool, by the name of its package. It takes the name as well.
    Tool(&'static str),
    /// The bench harness or the tool for traces does it, and takes the name as well. It says what `--help` asks for.
    Theirs(fn(&[String]) -> Result),
}

use Run::{Ours, Theirs, Tool};

macro_rules! commands {
    ($($name:literal => $run:expr,)*) => {
        &[$(Command {
            name: $name,
            page: include_str!(concat!("../help/", $name, ".txt")),
            run: $run,
        }),*]
    };
}

const COMMANDS: &[Command] = commands! {
    "bench" => Theirs(harness::bench),
    "advise" => Theirs(harness::advise),
    "count" => Theirs(harness::of_trace),
    "explain" => Theirs(harness::of_trace),
    "record" => Theirs(harness::trace),
    "trace" => Theirs(harness::trace),
    "grade" => Tool("exercise-commands"),
    "exercise" => Tool("exercise-commands"),
    "run" => Ours(run::run),
    "install" => Ours(install::run),
    "check" => Ours(check::run),
    "tidy" => Tool("tidy"),
    "instructions" => Ours(|args| check::alone(args, instructions::check)),
    "size" => Tool("tables"),
    "defences" => Ours(defences::run),
    "wasm" => Ours(wasm::run),
    "emulate" => Ours(|args| check::alone(args, emulate::check)),
    "mutants" => Tool("mutants"),
    "fuzz" => Ours(fuzz::run),
    "sanitize" => Ours(sanitize::run),
    "book" => Ours(book::run),
    "figures" => Tool("tidy"),
    "help" => Ours(help::run),
};

fn main() -> ExitCode {
    xtask_base::main(run)
}

fn run(args: &[String]) -> Result {
    let Some((name, rest)) = args.split_first() else {
        return help::run(&[]);
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return match help::is_wanted(&args[..1]) {
            true => help::run(&[]),
            false => Err(help::unknown(name)),
        };
    };
    match command.run {
        Theirs(run) => run(args),
        Ours(run) if name == "help" => run(rest),
        _ if help::is_wanted(rest) => help::print(name),
        Ours(run) => run(rest),
        Tool(package) => launch::become_it(launch::tool(package, &[], args)),
    }
}
