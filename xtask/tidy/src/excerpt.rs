//! A piece of a source file, as a listing shows it.

/// The piece between an `ANCHOR` and its `ANCHOR_END`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// Its lines, moved to the left margin, without any anchors.
    pub(super) text: String,
    /// Whether all of it is a module's docs, whose `//!` is taken off.
    pub(super) is_of_docs: bool,
}

/// The lines of `source` between the two comments that name `anchor`; `None` without both.
pub(super) fn between(source: &str, anchor: &str) -> Option<Excerpt> {
    let lines: Vec<&str> = source.lines().collect();
    let at = |mark: &str| {
        let comment = format!("// {mark}: {anchor}");
        lines.iter().position(|line| line.trim() == comment)
    };
    let inside = lines.get(at("ANCHOR")? + 1..at("ANCHOR_END")?)?;
    let inside: Vec<&str> = inside
        .iter()
        .copied()
        .filter(|line| !is_anchor(line))
        .collect();
    let docs: Option<Vec<&str>> = inside
        .iter()
        .map(|line| line.trim().strip_prefix("//!"))
        .collect();
    Some(Excerpt {
        is_of_docs: docs.is_some(),
        text: unindented(&docs.unwrap_or(inside)),
    })
}

fn is_anchor(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("// ANCHOR: ") || line.starts_with("// ANCHOR_END: ")
}

/// The lines without the spaces that all of them begin with.
fn unindented(lines: &[&str]) -> String {
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let indent = filled
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .min()
        .unwrap_or(0);
    lines
        .iter()
        .flat_map(|line| [line.get(indent..).unwrap_or_default().trim_end(), "\n"])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> Option<String> {
        between(source, "a").map(|excerpt| excerpt.text)
    }

    #[test]
    fn code_is_moved_to_the_margin_and_keeps_its_shape() {
        let source =
            "x\n    // ANCHOR: a\n    if b {\n        c\n\n    }\n    // ANCHOR_END: a\ny\n";
        assert_eq!(text(source).as_deref(), Some("if b {\n    c\n\n}\n"));
    }

    #[test]
    fn anchors_inside_are_not_shown() {
        let source = "// ANCHOR: a\nb\n// ANCHOR: c\nd\n// ANCHOR_END: c\n// ANCHOR_END: a\n";
        assert_eq!(text(source).as_deref(), Some("b\nd\n"));
    }

    #[test]
    fn docs_lose_their_marks_and_code_among_them_keeps_all() {
        let docs = "// ANCHOR: a\n//!   ┌─┐\n//!\n//!     └ x\n// ANCHOR_END: a\n";
        let expected = Excerpt {
            text: "┌─┐\n\n  └ x\n".to_owned(),
            is_of_docs: true,
        };
        assert_eq!(between(docs, "a"), Some(expected));
        let mixed = "// ANCHOR: a\n/// F.\nfn f() {}\n// ANCHOR_END: a\n";
        let expected = Excerpt {
            text: "/// F.\nfn f() {}\n".to_owned(),
            is_of_docs: false,
        };
        assert_eq!(between(mixed, "a"), Some(expected));
    }

    #[test]
    fn an_anchor_needs_both_ends_in_order() {
        assert_eq!(between("// ANCHOR: a\nb\n", "a"), None);
        assert_eq!(between("// ANCHOR_END: a\nb\n// ANCHOR: a\n", "a"), None);
        assert_eq!(between("// ANCHOR: ab\nb\n// ANCHOR_END: ab\n", "a"), None);
    }
}
