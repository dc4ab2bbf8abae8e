//! Where prose is: Markdown outside code blocks, and doc comments.

use xtask_base::tree::Tree;

use super::Finding;

/// A line and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) path: &'a str,
    /// From 1.
    number: usize,
    pub(super) text: &'a str,
}

impl Line<'_> {
    pub(super) fn finding(&self, message: impl Into<String>) -> Finding {
        Finding::new(self.path, self.number, message)
    }
}

/// All lines of a file.
pub(super) fn numbered<'a>(path: &'a str, text: &'a str) -> impl Iterator<Item = Line<'a>> {
    let lines = text.lines().enumerate();
    lines.map(move |(index, text)| Line {
        path,
        number: index + 1,
        text,
    })
}

/// The prose of every Markdown file and every Rust file's doc comments.
pub(super) fn lines(tree: &Tree) -> impl Iterator<Item = Line<'_>> {
    let pages = tree.ending(".md");
    let docs = tree.ending(".rs").flat_map(|(path, text)| {
        unfenced(numbered(path, text).filter_map(|line| {
            let text = line.text.trim_start();
            let text = text
                .strip_prefix("//!")
                .or_else(|| text.strip_prefix("///"))?;
            Some(Line { text, ..line })
        }))
    });
    pages
        .flat_map(|(path, text)| of_page(path, text))
        .chain(docs)
}

/// The prose of one Markdown file.
pub(super) fn of_page<'a>(path: &'a str, text: &'a str) -> impl Iterator<Item = Line<'a>> {
    unfenced(numbered(path, text))
}

/// The lines outside fenced code blocks.
fn unfenced<'a>(lines: impl Iterator<Item = Line<'a>>) -> impl Iterator<Item = Line<'a>> {
    let mut in_fence = false;
    lines.filter(move |line| {
        let is_fence = line.text.trim_start().starts_with("```");
        in_fence ^= is_fence;
        !in_fence && !is_fence
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_markdown_outside_fences_and_doc_comments() {
        let source = "//! three\nfn f() {} // not this\n    /// four\n";
        let tree = Tree::of(&[("a.md", "one\n```\ncode\n```\ntwo\n"), ("b.rs", source)]);
        let found = lines(&tree).map(|line| (line.number, line.text.trim()));
        assert!(found.eq([(1, "one"), (5, "two"), (1, "three"), (3, "four")]));
    }
}
