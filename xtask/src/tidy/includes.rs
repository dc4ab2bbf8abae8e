//! Every listing that the book includes has its file and anchor.

use super::Finding;
use crate::tree::{self, Tree};

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending(".md") {
        for (index, line) in text.lines().enumerate() {
            for include in includes(line) {
                if let Err(message) = resolve(tree, path, include) {
                    findings.push(Finding::new(path, index + 1, message));
                }
            }
        }
    }
    findings
}

/// The arguments of `{{#include …}}` and `{{#rustdoc_include …}}`.
fn includes(line: &str) -> impl Iterator<Item = &str> {
    line.split("include ")
        .zip(line.split("include ").skip(1))
        .filter(|(before, _)| before.ends_with("{{#") || before.ends_with("{{#rustdoc_"))
        .filter_map(|(_, rest)| Some(rest.split("}}").next()?.trim()))
}

fn resolve(tree: &Tree, from: &str, include: &str) -> Result<(), String> {
    let (file, anchor) = include.split_once(':').unwrap_or((include, ""));
    let text = tree::join(tree::parent(from), file)
        .and_then(|path| tree.text(&path))
        .ok_or_else(|| format!("the included file `{file}` does not exist"))?;
    let is_range = anchor.chars().all(|c| c.is_ascii_digit() || c == ':');
    if is_range || has_anchor(text, anchor) {
        return Ok(());
    }
    Err(format!("`{file}` has no anchor `{anchor}`"))
}

/// Both ends of the anchor are there, in order.
fn has_anchor(text: &str, anchor: &str) -> bool {
    let at = |mark: &str| {
        text.lines()
            .position(|line| line.trim_end().ends_with(&format!("{mark}: {anchor}")))
    };
    matches!((at("ANCHOR"), at("ANCHOR_END")), (Some(start), Some(end)) if start < end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(markdown: &str) -> Vec<Finding> {
        find(&Tree::of(&[
            ("docs/src/a.md", markdown),
            (
                "crates/x/src/lib.rs",
                "// ANCHOR: picture\n// ANCHOR_END: picture\n// ANCHOR: open\n",
            ),
        ]))
    }

    #[test]
    fn a_missing_file_anchor_or_end_is_found() {
        assert_eq!(findings("{{#include ../../crates/x/src/gone.rs}}").len(), 1);
        assert_eq!(
            findings("{{#include ../../crates/x/src/lib.rs:gone}}").len(),
            1
        );
        assert_eq!(
            findings("{{#rustdoc_include ../../crates/x/src/lib.rs:open}}").len(),
            1
        );
    }

    #[test]
    fn listings_that_resolve_are_not() {
        assert_eq!(
            findings("{{#include ../../crates/x/src/lib.rs:picture}}"),
            []
        );
        assert_eq!(findings("{{#include ../../crates/x/src/lib.rs:1:2}}"), []);
        assert_eq!(findings("what we include is said elsewhere"), []);
    }
}
