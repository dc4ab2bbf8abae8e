//! `tidy`: what the compiler does not check.
//!
//! Each rule is a function from the workspace's text to findings, in a file of its own with tests
//! that show it a violation. Rules read text by lines and tokens: they can be fooled on purpose,
//! not by accident.

mod casts;
mod commands;
mod excerpt;
mod faults;
mod figures;
mod graph;
mod imports;
mod includes;
mod invariants;
mod items;
mod links;
mod modules;
mod packages;
mod paths;
mod prose;
mod text;

use std::fmt;

use crate::Result;
use crate::listing;
use crate::options::Options;
use crate::process::root;
use crate::tree::Tree;

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

struct Rule {
    name: &'static str,
    about: &'static str,
    find: fn(&Tree) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "paths",
        about: "every path in backticks, in Markdown and doc comments, exists",
        find: paths::find,
    },
    Rule {
        name: "items",
        about: "every item in backticks that names a crate or type of ours exists",
        find: items::find,
    },
    Rule {
        name: "links",
        about: "relative links in Markdown lead to files and headings; chapters are in the summary",
        find: links::find,
    },
    Rule {
        name: "includes",
        about: "every listing in Markdown is what its source says now",
        find: includes::find,
    },
    Rule {
        name: "graph",
        about: "the packages depend on each other as docs/src/architecture.md draws it",
        find: graph::find,
    },
    Rule {
        name: "imports",
        about: "no stage's files or folders import each other in a circle",
        find: imports::find,
    },
    Rule {
        name: "casts",
        about: "an integer never becomes a pointer",
        find: casts::find,
    },
    Rule {
        name: "invariants",
        about: "every cited invariant is defined by its crate, and check() tests those it defines",
        find: invariants::find,
    },
    Rule {
        name: "modules",
        about: "modules have docs, stages are no_std, policies contain no unsafe",
        find: modules::find,
    },
    Rule {
        name: "text",
        about: "no unfinished marks, trailing spaces or paths of one machine",
        find: text::find,
    },
    Rule {
        name: "commands",
        about: "commands in docs exist; .ci/run calls the README's test command",
        find: commands::find,
    },
    Rule {
        name: "packages",
        about: "every package that a `cargo` command names exists",
        find: packages::find,
    },
    Rule {
        name: "faults",
        about: "the place of every seeded fault is found exactly once",
        find: faults::find,
    },
    Rule {
        name: "figures",
        about: "the figures' module was made from the sources as they are",
        find: figures::find,
    },
];

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let list = options.flag("--list");
    let fix = options.flag("--fix");
    let imports = options.flag("--imports");
    options.finish()?;
    if imports {
        return imports::print();
    }
    if list {
        return listing::print(
            RULES
                .iter()
                .map(|rule| format!("{:<14}{}", rule.name, rule.about)),
        );
    }
    let mut tree = Tree::read(&root())?;
    if fix {
        includes::fix(&tree, &root())?;
        tree = Tree::read(&root())?;
    }
    let n_findings: usize = RULES.iter().map(|rule| report(rule, &tree)).sum();
    let n_files = tree.files().count();
    match n_findings {
        0 => println!("tidy: {n_files} files keep {} rules", RULES.len()),
        n => return Err(format!("tidy: {n} findings in {n_files} files")),
    }
    Ok(())
}

fn report(rule: &Rule, tree: &Tree) -> usize {
    let findings = (rule.find)(tree);
    for finding in &findings {
        println!("{finding} [{}]", rule.name);
    }
    findings.len()
}
