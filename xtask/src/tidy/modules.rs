//! Modules have docs, stages are `no_std`, policies contain no `unsafe`.

use super::Finding;
use crate::tree::Tree;

/// Modules that only choose: they see numbers, never memory.
const POLICIES: &[&str] = &[
    "crates/fit-strategies/src/fit.rs",
    "crates/coalescing/src/bins.rs",
];

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let undocumented = tree
        .ending(".rs")
        .filter(|(_, text)| !has_docs(text))
        .map(|(path, _)| Finding::new(path, 1, "a module begins with `//!`: what is it?"));
    let with_std = tree
        .stages()
        .chain(["core-api"])
        .map(|name| format!("crates/{name}/src/lib.rs"))
        .filter(|path| lacks(tree, path, "#![no_std]"))
        .map(|path| Finding::new(&path, 1, "a stage is `#![no_std]`"));
    let with_unsafe = POLICIES
        .iter()
        .filter(|path| lacks(tree, path, "#![forbid(unsafe_code)]"))
        .map(|path| Finding::new(path, 1, "a policy has `#![forbid(unsafe_code)]`"));
    undocumented.chain(with_std).chain(with_unsafe).collect()
}

fn has_docs(text: &str) -> bool {
    text.lines()
        .take_while(|line| line.is_empty() || line.starts_with("//") || line.starts_with('#'))
        .any(|line| line.starts_with("//!") || line.starts_with("#![doc = "))
}

/// Whether the file is there and has no such line.
fn lacks(tree: &Tree, path: &str, wanted: &str) -> bool {
    tree.text(path)
        .is_some_and(|text| !text.lines().any(|line| line == wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        find(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_module_without_docs_is_found() {
        assert_eq!(findings("a.rs", "use b;\n//! Too late.\n"), 1);
        assert_eq!(findings("a.rs", "//! A noun.\nuse b;\n"), 0);
        assert_eq!(
            findings("a.rs", "#![doc = include_str!(\"../README.md\")]\n"),
            0
        );
    }

    #[test]
    fn a_stage_with_std_is_found() {
        let stage = |lib| {
            find(&Tree::of(&[
                ("crates/x/Cargo.toml", ""),
                ("crates/x/src/lib.rs", lib),
            ]))
            .len()
        };
        assert_eq!(stage("//! X.\n#![cfg_attr(not(test), no_std)]\n"), 1);
        assert_eq!(stage("//! X.\n#![no_std]\n"), 0);
    }

    #[test]
    fn a_policy_that_may_be_unsafe_is_found() {
        assert_eq!(findings(POLICIES[0], "//! Fits.\n"), 1);
        assert_eq!(
            findings(POLICIES[0], "//! Fits.\n#![forbid(unsafe_code)]\n"),
            0
        );
    }
}
