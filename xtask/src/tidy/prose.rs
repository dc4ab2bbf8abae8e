//! Where prose is: Markdown outside code blocks, and doc comments.

use crate::tree::Tree;

/// A line of prose and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) path: &'a str,
    /// From 1.
    pub(super) number: usize,
    pub(super) text: &'a str,
}

/// The prose of every Markdown file and every Rust file's doc comments.
pub(super) fn lines(tree: &Tree) -> impl Iterator<Item = Line<'_>> {
    let markdown = tree
        .ending(".md")
        .flat_map(|(path, text)| of_page(path, text));
    let docs = tree
        .ending(".rs")
        .flat_map(|(path, text)| unfenced(path, doc_comments(text)));
    markdown.chain(docs)
}

/// The prose of one Markdown file.
pub(super) fn of_page<'a>(path: &'a str, text: &'a str) -> impl Iterator<Item = Line<'a>> {
    unfenced(path, numbered(text))
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
}

fn doc_comments(text: &str) -> impl Iterator<Item = (usize, &str)> {
    numbered(text).filter_map(|(number, line)| {
        let line = line.trim_start();
        let text = line
            .strip_prefix("//!")
            .or_else(|| line.strip_prefix("///"))?;
        Some((number, text))
    })
}

/// The lines outside fenced code blocks.
fn unfenced<'a>(
    path: &'a str,
    lines: impl Iterator<Item = (usize, &'a str)>,
) -> impl Iterator<Item = Line<'a>> {
    let mut in_fence = false;
    lines.filter_map(move |(number, text)| {
        let is_fence = text.trim_start().starts_with("```");
        in_fence ^= is_fence;
        (!in_fence && !is_fence).then_some(Line { path, number, text })
    })
}

/// What stands in backticks in a line.
pub(super) fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`')
        .skip(1)
        .step_by(2)
        .filter(|span| !span.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_markdown_outside_fences_and_doc_comments() {
        let tree = Tree::of(&[
            ("a.md", "one\n```\ncode\n```\ntwo\n"),
            ("b.rs", "//! three\nfn f() {} // not this\n    /// four\n"),
        ]);
        let found: Vec<_> = lines(&tree)
            .map(|line| (line.number, line.text.trim()))
            .collect();
        assert_eq!(found, [(1, "one"), (5, "two"), (1, "three"), (3, "four")]);
    }

    #[test]
    fn code_spans_are_what_stands_between_backticks() {
        assert_eq!(
            code_spans("a `b` c `d e` f").collect::<Vec<_>>(),
            ["b", "d e"]
        );
        assert_eq!(code_spans("none").count(), 0);
    }
}
