//! `book`: the docs as a book.

use std::path::Path;
use std::process::Command;

use xtask_base::Result;
use xtask_base::options::Options;
use xtask_base::process::{cargo, root, succeed, target_dir};
use xtask_base::tree::Tree;

use crate::check::Outcome;
use crate::{browser, external, pages, peer_libraries, preload, words};

/// The program around mdBook's crates, which is no part of the workspace.
const BUILDER: &str = "docs/builder/Cargo.toml";

const INDEX: &str = "docs/book/index.html";

/// The commands that fill the tables of the book.
const NUMBERS: &[&[&str]] = &[
    &["bench", "--peers", "all", "--docs"],
    &["bench", "--flat", "--docs"],
    &["bench", "--tight", "--docs"],
    &["bench", "--arenas", "--docs"],
    &["bench", "--contest", "heaps", "--instructions", "--docs"],
    &["bench", "--contest", "tails", "--docs"],
    &["bench", "--contest", "memory", "--docs"],
    &["bench", "--global", "--peers", "all", "--docs"],
    &["bench", "--programs", "--reps", "7", "--docs"],
    &["size", "--docs"],
];

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let wants_numbers = options.flag("--numbers");
    let wants_words = options.flag("--words");
    let wants_open = options.flag("--open");
    let wants_links = options.flag("--links");
    let preloads = options.values("--preload")?;
    preloads
        .iter()
        .try_for_each(|library| is_library(library))?;
    options.finish()?;
    if wants_numbers {
        return measure(&preloads);
    }
    if !preloads.is_empty() {
        return Err("--preload needs --numbers".to_owned());
    }
    if wants_words {
        return words::print();
    }
    build()?;
    println!("{INDEX}");
    if wants_links {
        return external::check(&root().join("docs/book"));
    }
    match wants_open {
        true => open(),
        false => Ok(()),
    }
}

/// Shows the book in the reader's browser.
fn open() -> Result {
    let mut opener = Command::new(if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    });
    let path = root().join(INDEX);
    succeed(opener.arg(&path))
        .map_err(|error| format!("{error}\nopen {} in a browser", path.display()))
}

/// Said at once, and not when the first tables are made and a library is needed.
fn is_library(text: &str) -> Result {
    if peer_libraries::is_known(text) {
        return Ok(());
    }
    let (_, path) = text
        .split_once('=')
        .ok_or_else(|| format!("--preload needs NAME=PATH, not `{text}`"))?;
    if Path::new(path).is_file() {
        return Ok(());
    }
    Err(format!("there is no file {path} to preload"))
}

/// Measures everything that the book has a table of, one after the other; with the libraries that are
/// named, where libraries are compared.
fn measure(preloads: &[String]) -> Result {
    let xtask = std::env::current_exe().map_err(|error| format!("cannot find xtask: {error}"))?;
    let hardened = hardened()?;
    for words in NUMBERS {
        let mut words = words.to_vec();
        let is_of_programs = words.contains(&"--programs");
        if is_of_programs || words.contains(&"--global") {
            words.extend(preloads.iter().flat_map(|library| ["--preload", library]));
        }
        if is_of_programs {
            words.extend(hardened.iter().flat_map(|library| ["--preload", library]));
        }
        println!("cargo xtask {}", words.join(" "));
        succeed(Command::new(&xtask).args(words))?;
    }
    Ok(())
}

/// The library of the hardened mode, with all its checks and with the quick ones, for `--preload`.
fn hardened() -> Result<[String; 2]> {
    let library = preload::build("hardened", false)?;
    let library = library.display();
    Ok([
        format!("hardened={library}"),
        format!("hardened-quick={library} MALLOC_LADDER_HARDENED=quick"),
    ])
}

/// Tests the builder, then builds the book and uses its figures in a browser.
pub(crate) fn check() -> Result<Outcome> {
    let mut tests = builder("test");
    succeed(tests.args(["--test", "faults"]))?;
    build()?;
    browser::check(&root().join("docs/book"))
}

/// Builds the book, and the builder before it, and looks at the pages.
fn build() -> Result {
    succeed(builder("run").args(["--", "docs"]))?;
    pages::check(&Tree::read(&root().join("docs/book"))?)
}

/// `cargo SUBCOMMAND` on the program around mdBook, which has a place of its own to be built in.
fn builder(subcommand: &str) -> Command {
    let mut command = cargo(&[
        subcommand,
        "--quiet",
        "--locked",
        "--manifest-path",
        BUILDER,
    ]);
    command.arg("--target-dir").arg(target_dir().join("book"));
    command
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_library_that_is_not_there_is_an_error_before_anything_is_measured() {
        let run = |line| super::run(&xtask_base::options::args(line));
        let missing = run("--numbers --preload je=/nowhere.so").unwrap_err();
        assert!(missing.contains("no file /nowhere.so"), "{missing}");
        let unnamed = run("--numbers --preload libjemalloc.so").unwrap_err();
        assert!(unnamed.contains("NAME=PATH"), "{unnamed}");
    }
}
