//! Every relative link in Markdown leads somewhere, and every chapter is in the summary.

use super::Finding;
use super::prose;
use crate::tree::{self, Tree};

const SUMMARY: &str = "docs/src/SUMMARY.md";

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let mut findings = dead_links(tree);
    findings.extend(unlisted_chapters(tree));
    findings
}

fn dead_links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for line in prose::lines(tree).filter(|line| line.path.ends_with(".md")) {
        for target in targets(line.text).filter(|target| is_relative(target)) {
            let file = target.split('#').next().unwrap_or(target);
            let path = tree::join(tree::parent(line.path), file);
            if !path.is_some_and(|path| tree.has(&path)) {
                let message = format!("the link to `{target}` leads nowhere");
                findings.push(Finding::new(line.path, line.number, message));
            }
        }
    }
    findings
}

fn unlisted_chapters(tree: &Tree) -> Vec<Finding> {
    let summary = tree.text(SUMMARY).unwrap_or_default();
    let listed: Vec<&str> = summary.lines().flat_map(targets).collect();
    tree.ending(".md")
        .filter_map(|(path, _)| Some((path, path.strip_prefix("docs/src/")?)))
        .filter(|(path, name)| *path != SUMMARY && !listed.contains(name))
        .map(|(path, _)| Finding::new(path, 0, "the chapter is not in SUMMARY.md"))
        .collect()
}

/// What the line links to: `[text](target)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// Links to other sites and to places on the same page are not ours to check, nor are items of
/// Rust docs, which rustdoc checks.
fn is_relative(target: &str) -> bool {
    let foreign = target.contains("://") || target.starts_with("mailto:");
    let item = target.contains("::") || !target.contains(['.', '/']);
    !foreign && !target.starts_with('#') && !item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let tree = Tree::of(&[("a.md", "[x](gone.md) [y](../up.md)\n")]);
        assert_eq!(find(&tree).len(), 2);
    }

    #[test]
    fn links_that_lead_somewhere_are_not() {
        let text = "[x](docs/b.md#part) [y](https://example.org/z.md) [z](#here) [`w`](crate::W)\n";
        assert_eq!(find(&Tree::of(&[("a.md", text), ("docs/b.md", "")])), []);
    }

    #[test]
    fn a_chapter_outside_the_summary_is_found() {
        let tree = Tree::of(&[
            (SUMMARY, "- [A](a.md)\n"),
            ("docs/src/a.md", ""),
            ("docs/src/b.md", ""),
        ]);
        let paths: Vec<_> = find(&tree)
            .into_iter()
            .map(|finding| finding.path)
            .collect();
        assert_eq!(paths, ["docs/src/b.md"]);
    }
}
