//! `tidy`: what the compiler does not check.
//!
//! Each rule is a function from the workspace's text to findings, in a file of its own with tests
//! that show it a violation. Rules read text by lines and tokens: they can be fooled on purpose,
//! not by accident.

mod excerpt;
mod faults;
mod figures;
mod graph;
mod imports;
mod includes;
mod invariants;
mod links;
mod manifest;
mod names;
mod prose;
mod text;

use std::fmt;
use std::process::ExitCode;

use xtask_base::Result;
use xtask_base::listing;
use xtask_base::options::Options;
use xtask_base::process::root;
use xtask_base::tree::Tree;

/// A broken rule and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    path: String,
    /// From 1; 0 if the whole file is meant.
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// A name, what it says, and what finds where a tree breaks it.
type Rule = (&'static str, &'static str, fn(&Tree) -> Vec<Finding>);

const RULES: &[Rule] = &[
    (
        "names",
        "paths, items, commands and packages that docs name exist",
        names::find,
    ),
    (
        "links",
        "links in Markdown lead to files and headings; chapters are in the summary",
        links::find,
    ),
    (
        "includes",
        "every listing in Markdown is what its source says now",
        includes::find,
    ),
    (
        "graph",
        "the packages depend on each other as docs/src/architecture.md draws it",
        graph::find,
    ),
    (
        "imports",
        "no stage's files or folders import each other in a circle",
        imports::find,
    ),
    (
        "invariants",
        "every cited invariant is defined by its crate, and check() tests those it defines",
        invariants::find,
    ),
    (
        "text",
        "modules have docs; no unfinished marks, casts to pointers, paths of one machine",
        text::find,
    ),
    (
        "ci",
        "the README shows the main job and the tests, and .ci/run runs the tests",
        names::ci,
    ),
    (
        "faults",
        "the place of every seeded fault is found exactly once",
        faults::find,
    ),
    (
        "figures",
        "the figures' module was made from the sources as they are",
        figures::find,
    ),
];

#[cfg(feature = "mmap-backed")]
#[global_allocator]
static GLOBAL: mmap_backed::Global = mmap_backed::Global::new();

fn main() -> ExitCode {
    xtask_base::main(|args| match args.split_first() {
        Some((name, args)) if name == "tidy" => run(args),
        Some((name, args)) if name == "figures" => figures::run(args),
        _ => Err("usage: tidy tidy|figures [OPTIONS]".to_owned()),
    })
}

fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let list = options.flag("--list");
    let fix = options.flag("--fix");
    let imports = options.flag("--imports");
    options.finish()?;
    if imports {
        return imports::print();
    }
    if list {
        let line = |(name, about, _): &Rule| format!("{name:<14}{about}");
        return listing::print(RULES.iter().map(line));
    }
    let mut tree = Tree::read(&root())?;
    if fix {
        includes::fix(&tree, &root())?;
        tree = Tree::read(&root())?;
    }
    let mut n_findings = 0;
    for (name, _, find) in RULES {
        for finding in find(&tree) {
            println!("{finding} [{name}]");
            n_findings += 1;
        }
    }
    let n_files = tree.files().count();
    match n_findings {
        0 => println!("tidy: {n_files} files keep {} rules", RULES.len()),
        n => return Err(format!("tidy: {n} findings in {n_files} files")),
    }
    Ok(())
}
