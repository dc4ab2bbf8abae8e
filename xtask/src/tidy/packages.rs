//! Packages that commands of cargo name exist, in docs and in what xtask runs.

use std::collections::BTreeSet;

use super::{Finding, graph};
use crate::tree::Tree;

/// Of these, a line with a package has one, be it in docs or among the arguments in a source.
const OF_CARGO: &[&str] = &["cargo", "--example", "--lib", "--test"];

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let manifests = tree.ending("Cargo.toml");
    let known: BTreeSet<&str> = manifests
        .filter_map(|(_, text)| graph::name(text))
        .collect();
    let mut findings = Vec::new();
    for (path, text) in tree.ending(".md").chain(tree.ending(".rs")) {
        for (index, line) in text.lines().enumerate() {
            for name in named(line).filter(|name| !known.contains(name)) {
                let message = format!("there is no package `{name}`");
                findings.push(Finding::new(path, index + 1, message));
            }
        }
    }
    findings
}

/// The words after `-p` in a line for cargo: in a shell, or the next string of a list.
fn named(line: &str) -> impl Iterator<Item = &str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(line: &str) -> usize {
        find(&Tree::of(&[
            ("crates/bump/Cargo.toml", "[package]\nname = \"x-bump\"\n"),
            ("docs/a.md", line),
        ]))
        .len()
    }

    #[test]
    fn a_package_that_does_not_exist_is_found() {
        assert_eq!(findings(concat!("`cargo run -p ", "bump --example a`")), 1);
        assert_eq!(
            findings(concat!("//! --release -p ", "bump --example a")),
            1
        );
        assert_eq!(
            findings(concat!("cargo(&[\"test\", \"-p\", \"", "bump\"])")),
            1
        );
    }

    #[test]
    fn a_package_that_exists_is_not() {
        assert_eq!(findings(concat!("`cargo test -p ", "x-bump --lib`")), 0);
        assert_eq!(
            findings(concat!("(&[\"-p\", \"", "x-bump\", \"--lib\"])")),
            0
        );
    }

    #[test]
    fn other_programs_and_variables_are_not_packages() {
        assert_eq!(findings("`git log --stat -p master`"), 0);
        assert_eq!(findings("cargo(&[\"test\", \"-p\", package])"), 0);
    }
}
