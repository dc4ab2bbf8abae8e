//! `book`: the docs as a book.

use std::process::Command;

use crate::Result;
use crate::check::Outcome;
use crate::options::Options;
use crate::process::{command, succeed, works};

const INSTALL: &str = "mdBook is not installed: cargo install mdbook --version 0.5.4 --locked";

/// The commands that fill the tables of the book.
const NUMBERS: &[&[&str]] = &[
    &["bench", "--peers", "all", "--docs"],
    &["bench", "--flat", "--docs"],
    &["bench", "--tight", "--docs"],
    &["bench", "--arenas", "--docs"],
    &["bench", "--contest", "heaps", "--docs"],
    &["bench", "--contest", "tails", "--docs"],
    &["bench", "--contest", "memory", "--docs"],
    &[
        "bench", "--global", "--peers", "all", "--reps", "5", "--docs",
    ],
    &["bench", "--programs", "--docs"],
    &["size", "--docs"],
];

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let wants_numbers = options.flag("--numbers");
    let mut preloads = Vec::new();
    while let Some(library) = options.value("--preload")? {
        preloads.push(library);
    }
    options.finish()?;
    if wants_numbers {
        return measure(&preloads);
    }
    if !preloads.is_empty() {
        return Err("--preload is of use with --numbers only".to_owned());
    }
    match check()? {
        Outcome::Passed => println!("docs/book/index.html"),
        Outcome::Skipped(why) => return Err(why),
    }
    Ok(())
}

/// Measures everything that the book has a table of, one after the other; with the libraries that are
/// named, where libraries are compared.
fn measure(preloads: &[String]) -> Result {
    let xtask = std::env::current_exe().map_err(|error| format!("cannot find xtask: {error}"))?;
    for words in NUMBERS {
        let mut words = words.to_vec();
        if words
            .iter()
            .any(|word| ["--global", "--programs"].contains(word))
        {
            words.extend(preloads.iter().flat_map(|library| ["--preload", library]));
        }
        println!("cargo xtask {}", words.join(" "));
        succeed(Command::new(&xtask).args(words))?;
    }
    Ok(())
}

/// Builds the book if mdBook is here; tidy has checked its links and listings in any case.
pub(crate) fn check() -> Result<Outcome> {
    if !works(command("mdbook").arg("--version")) {
        return Ok(Outcome::Skipped(INSTALL.to_owned()));
    }
    succeed(command("mdbook").args(["build", "docs"])).map(|()| Outcome::Passed)
}
