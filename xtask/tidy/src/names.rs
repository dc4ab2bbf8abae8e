//! What prose and commands name exists: paths and items in backticks, the commands of xtask, the packages of cargo.

use std::collections::{BTreeMap, BTreeSet};

use xtask_base::tree::{self, Tree};

use super::manifest::Manifest;
use super::prose;
use super::{Finding, text};

/// First components that make a span a path of this workspace.
const TOP: &[&str] = &[
    "crates",
    "bench-harness",
    "docs",
    "exercises",
    "xtask",
    ".ci",
    ".cargo",
];

/// The page of each command of xtask.
const COMMANDS: &str = "xtask/help/";

/// Endings that make a span a file's name.
const ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".sh", ".trace"];

/// Of these, a line with a package has one, be it in docs or among the arguments in a source.
const OF_CARGO: &[&str] = &["cargo", "--example", "--lib", "--test"];

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let words = Words::of(tree);
    let spans = prose::lines(tree).flat_map(|line| {
        let spans = line.text.split('`').skip(1).step_by(2);
        spans.map(move |span| (line, span))
    });
    let in_prose = spans.filter_map(|(line, span)| {
        if is_path(span) && !exists(tree, line.path, span) {
            return Some(line.finding(format!("`{span}` does not exist")));
        }
        let missing = words.missing(span)?;
        Some(line.finding(format!("`{span}`: there is no `{missing}`")))
    });
    let pages = tree.ending(".txt");
    let commands: BTreeSet<&str> = pages
        .filter_map(|(path, _)| path.strip_prefix(COMMANDS)?.strip_suffix(".txt"))
        .collect();
    let manifests = tree.ending("Cargo.toml");
    let packages: BTreeSet<String> = manifests
        .filter_map(|(_, text)| Some(Manifest::read(text).name()?.to_owned()))
        .collect();
    let texts = tree.ending(".md").chain(tree.ending(".rs"));
    let in_commands = texts
        .flat_map(|(path, text)| prose::numbered(path, text))
        .flat_map(|line| {
            let subcommands = subcommands(line.text).filter(|word| !commands.contains(word));
            let subcommands =
                subcommands.map(|word| format!("there is no command `cargo xtask {word}`"));
            let named = named_packages(line.text).filter(|name| !packages.contains(*name));
            let named = named.map(|name| format!("there is no package `{name}`"));
            let messages: Vec<String> = subcommands.chain(named).collect();
            messages
                .into_iter()
                .map(move |message| line.finding(message))
        });
    in_prose.chain(in_commands).collect()
}

fn is_path(span: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if !span.chars().all(is_plain) || span.starts_with('/') || is_placeholder(span) {
        return false;
    }
    let first = span.split('/').next().unwrap_or_default();
    let is_file = |ending: &&str| span.ends_with(ending) && span != *ending;
    let named = ENDINGS.iter().any(is_file);
    first != "target" && (named || span.contains('/') && TOP.contains(&first))
}

/// `FILE.rs`, `phase-N-x.md`: the capitals stand for something.
fn is_placeholder(span: &str) -> bool {
    let name = span.rsplit('/').next().unwrap_or(span);
    let stem = name.split('.').next().unwrap_or(name);
    let well_known = ["README", "CHANGELOG", "SUMMARY", "Cargo"].contains(&stem);
    !well_known && stem.chars().any(|c| c.is_ascii_uppercase())
}

/// A path is meant from the root, from the file that names it, from its package or its sources;
/// a bare file name may be anywhere.
fn exists(tree: &Tree, from: &str, span: &str) -> bool {
    let packages = tree
        .packages()
        .filter(|dir| from.starts_with(&format!("{dir}/")));
    let package = packages.max_by_key(|dir| dir.len()).unwrap_or_default();
    let places = ["", tree::parent(from), package, &format!("{package}/src")];
    let mut paths = places.iter().filter_map(|dir| tree::join(dir, span));
    let anywhere = format!("/{span}");
    paths.any(|path| tree.has(&path))
        || !span.contains('/') && tree.files().any(|(path, _)| path.ends_with(&anywhere))
}

/// The words of the workspace's code: an item that no code spells does not exist.
#[derive(Default)]
struct Words<'a> {
    /// By crate name, as Rust code spells it.
    of_crate: BTreeMap<String, BTreeSet<&'a str>>,
    all: BTreeSet<&'a str>,
    /// Words that follow `struct`, `enum`, `trait` or `union`.
    types: BTreeSet<&'a str>,
}

impl<'a> Words<'a> {
    fn of(tree: &'a Tree) -> Self {
        let mut words = Self::default();
        for package in tree.packages() {
            let name = package
                .rsplit('/')
                .next()
                .unwrap_or(package)
                .replace('-', "_");
            let of_crate = words.of_crate.entry(name).or_default();
            let prefix = format!("{package}/");
            for (_, text) in tree
                .ending(".rs")
                .filter(|(path, _)| path.starts_with(&prefix))
            {
                let mut before = "";
                for word in text
                    .lines()
                    .flat_map(|line| text::code(line).split(|c| !text::is_word(c)))
                {
                    if ["struct", "enum", "trait", "union"].contains(&before) {
                        words.types.insert(word);
                    }
                    of_crate.insert(word);
                    before = word;
                }
            }
            words.all.extend(&*of_crate);
        }
        words
    }

    /// The first part of a path like `core_api::Region::at` that no code spells.
    fn missing<'s>(&self, span: &'s str) -> Option<&'s str> {
        let path = span.split(['(', '<', ' ']).next()?;
        let (first, rest) = path.split_once("::")?;
        let known = match self.of_crate.get(first) {
            Some(words) => words,
            None if self.types.contains(first) => &self.all,
            None => return None,
        };
        rest.split("::")
            .find(|part| part.chars().all(text::is_word) && !known.contains(*part))
    }
}

/// The words after `cargo xtask` in a line, in small letters: others stand for something.
fn subcommands(line: &str) -> impl Iterator<Item = &str> {
    let rests = line.split("cargo xtask ").skip(1);
    let words = rests.filter_map(|rest| rest.split(|c: char| !c.is_ascii_lowercase()).next());
    words.filter(|word| !word.is_empty())
}

/// The words after `-p` in a line for cargo: in a shell, or the next string of a list.
fn named_packages(line: &str) -> impl Iterator<Item = &str> {
    let is_for_cargo = OF_CARGO.iter().any(|word| line.contains(word));
    let parts = line.split("-p").skip(1).filter(move |_| is_for_cargo);
    parts.filter_map(|rest| {
        let name = rest
            .strip_prefix(' ')
            .or_else(|| rest.strip_prefix("\", \""))?;
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let name = name.split(|c| !is_of_name(c)).next()?;
        name.starts_with(|c: char| c.is_ascii_lowercase())
            .then_some(name)
    })
}

/// The README's two commands: the main job, and the tests, which CI runs.
const MAIN_JOB: &str = "cargo xtask bench";
const TESTS: &str = "cargo xtask check";

/// The README shows both commands, each alone on a line of a code block, and CI runs the tests and nothing else.
pub(super) fn ci(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(readme) = tree.text("README.md") {
        let is_on =
            |line: &str, command: &str| line.split('#').next().unwrap_or("").trim() == command;
        let shows = |command| readme.lines().any(|line| is_on(line, command));
        let missing = [MAIN_JOB, TESTS]
            .into_iter()
            .filter(|command| !shows(command));
        let message = |command| format!("`{command}` is not shown");
        findings.extend(missing.map(|command| Finding::new("README.md", 0, message(command))));
    }
    if let Some(script) = tree.text(".ci/run") {
        let is_setup = |line: &str| {
            line.is_empty()
                || ["#", "set ", "cd "]
                    .iter()
                    .any(|word| line.starts_with(word))
        };
        let commands: Vec<&str> = script
            .lines()
            .map(str::trim)
            .filter(|line| !is_setup(line))
            .collect();
        if commands != [TESTS] {
            let message = format!("runs {commands:?}, not the README's `{TESTS}`");
            findings.push(Finding::new(".ci/run", 0, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many findings a page of this text, in a workspace with the package `x-bump`, has.
    fn findings(markdown: &str) -> usize {
        let source = "pub struct Region; impl Region { pub fn at() {} } // gone\n";
        let tree = Tree::of(&[
            ("README.md", markdown),
            ("crates/bump/Cargo.toml", "[package]\nname = \"x-bump\"\n"),
            ("crates/bump/src/deep/scope.rs", "//! See `mark.rs`.\n"),
            ("crates/bump/src/mark.rs", source),
            ("xtask/help/tidy.txt", ""),
        ]);
        find(&tree).len()
    }

    #[test]
    fn what_does_not_exist_is_found() {
        for line in [
            "`crates/bump/src/gone.rs`",
            "`crates/dump`",
            "`gone.rs`",
            "`../above.rs`",
        ] {
            assert_eq!(findings(line), 1, "{line}");
        }
        for line in [
            "`bump::Reigon`",
            "`Region::gone`",
            "`Region::gone(address)`",
        ] {
            assert_eq!(findings(line), 1, "{line}");
        }
        for line in [
            concat!(
                "run `cargo xtask ",
                "frobnicate` or `cargo xtask ",
                "tidy --list`"
            ),
            concat!("`cargo run -p ", "bump --example a`"),
            concat!("//! --release -p ", "bump --example a"),
            concat!("cargo(&[\"test\", \"-p\", \"", "bump\"])"),
        ] {
            assert_eq!(findings(line), 1, "{line}");
        }
    }

    #[test]
    fn what_exists_and_what_is_no_name_of_ours_is_not() {
        for line in [
            "`crates/bump/src/mark.rs`, `crates/bump/`, `mark.rs`",
            "`a / b`, `/proc/self/maps`, `target/bench.toml`, `FILE.rs`, `x.len()`",
            "`bump::Region`, `Region::at(address)`, `bump::Region::at`",
            "`Vec::push`, `std::alloc::System`, `a:b`",
            "cargo xtask COMMAND, cargo xtask --help",
            concat!(
                "`cargo test -p ",
                "x-bump --lib` (&[\"-p\", \"",
                "x-bump\", \"--lib\"])"
            ),
            "`git log --stat -p master`",
            "cargo(&[\"test\", \"-p\", package])",
        ] {
            assert_eq!(findings(line), 0, "{line}");
        }
    }

    #[test]
    fn the_readme_shows_its_two_commands_and_ci_runs_the_tests() {
        let findings = |path, text| ci(&Tree::of(&[(path, text)])).len();
        let shown = "```sh\ncargo xtask bench   # why\ncargo xtask check\n```\n";
        assert_eq!(findings("README.md", shown), 0);
        assert_eq!(findings("README.md", "`cargo xtask bench`\n"), 2);
        let script = "#!/usr/bin/env bash\nset -euo pipefail\ncd \"$(dirname \"$0\")/..\"\ncargo xtask check\n";
        assert_eq!(findings(".ci/run", script), 0);
        assert_eq!(findings(".ci/run", "cargo test\n"), 1);
        assert_eq!(findings(".ci/run", "cargo xtask check\ncargo test\n"), 1);
    }
}
