//! Every path in backticks exists.

use super::Finding;
use super::prose::{self, code_spans};
use crate::tree::{self, Tree};

/// First components that make a span a path of this workspace.
const TOP: &[&str] = &["crates", "bench-harness", "docs", "xtask", ".ci", ".cargo"];

/// Endings that make a span a file's name.
const ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".sh", ".trace"];

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    prose::lines(tree)
        .flat_map(|line| code_spans(line.text).map(move |span| (line, span)))
        .filter(|(line, span)| is_path(span) && !exists(tree, line.path, span))
        .map(|(line, span)| {
            Finding::new(line.path, line.number, format!("`{span}` does not exist"))
        })
        .collect()
}

fn is_path(span: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if !span.chars().all(is_plain) || span.starts_with('/') || is_placeholder(span) {
        return false;
    }
    let first = span.split('/').next().unwrap_or_default();
    let named = ENDINGS
        .iter()
        .any(|ending| span.ends_with(ending) && span != *ending);
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
    let here = tree::parent(from);
    let package = tree
        .packages()
        .filter(|dir| from.starts_with(&format!("{dir}/")))
        .max_by_key(|dir| dir.len());
    let package = package.unwrap_or_default();
    let sources = format!("{package}/src");
    let found = ["", here, package, &sources]
        .iter()
        .filter_map(|dir| tree::join(dir, span))
        .any(|path| tree.has(&path));
    let anywhere = format!("/{span}");
    found || !span.contains('/') && tree.files().any(|(path, _)| path.ends_with(&anywhere))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(markdown: &str) -> usize {
        find(&Tree::of(&[
            ("README.md", markdown),
            ("crates/bump/Cargo.toml", ""),
            ("crates/bump/src/deep/scope.rs", "//! See `mark.rs`.\n"),
            ("crates/bump/src/mark.rs", ""),
        ]))
        .len()
    }

    #[test]
    fn a_path_that_does_not_exist_is_found() {
        assert_eq!(findings("`crates/bump/src/gone.rs`"), 1);
        assert_eq!(findings("`crates/dump`"), 1);
        assert_eq!(findings("`gone.rs`"), 1);
        assert_eq!(findings("`../above.rs`"), 1);
    }

    #[test]
    fn paths_that_exist_and_spans_that_are_no_paths_are_not() {
        assert_eq!(
            findings("`crates/bump/src/mark.rs`, `crates/bump/`, `mark.rs`"),
            0
        );
        assert_eq!(
            findings("`a / b`, `/proc/self/maps`, `target/bench.toml`, `FILE.rs`, `x.len()`"),
            0
        );
    }
}
