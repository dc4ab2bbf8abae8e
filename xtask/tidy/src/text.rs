//! What lines of text must not say, and what files must begin with.

use xtask_base::tree::Tree;

use super::Finding;
use super::prose::{Line, numbered};
use crate::figures::MODULE;

/// What must not be in the files whose names end so, and why. Spelled in two halves, so that this file may exist.
const FORBIDDEN: &[(&str, &str, &str)] = &[
    (
        "",
        concat!("TO", "DO"),
        "unfinished work is done or dropped",
    ),
    (
        "",
        concat!("FIX", "ME"),
        "unfinished work is done or dropped",
    ),
    ("", concat!("XX", "X"), "unfinished work is done or dropped"),
    ("", concat!("/ho", "me/"), ONE_MACHINE),
    ("", concat!("/Us", "ers/"), ONE_MACHINE),
    ("", concat!("/wo", "rk/"), ONE_MACHINE),
    ("", concat!("/tm", "p/"), ONE_MACHINE),
    ("", concat!("/ro", "ot/"), ONE_MACHINE),
    ("", concat!("C:", "\\"), ONE_MACHINE),
    // An integer never becomes a pointer. On stable no lint says so; nightly's looks at the stages alone.
    (
        ".rs",
        concat!("as *", "mut "),
        "use `cast`, `&raw mut` or `Region::at`",
    ),
    (
        ".rs",
        concat!("as *", "const "),
        "use `cast`, `&raw const` or `Region::at`",
    ),
    (".rs", concat!("expose_", "provenance"), "use `addr`"),
];

const ONE_MACHINE: &str = "a path of one machine: use `std::env::temp_dir` or `mktemp`";

/// Modules that only choose, and what forbids them to touch memory.
const POLICIES: &[&str] = &[
    "crates/fit-strategies/src/fit.rs",
    "crates/coalescing/src/bins.rs",
];
const SAFE: &str = "#![forbid(unsafe_code)]";

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    // What a program wrote may say anything: the figures' module is a long word of letters.
    let texts = tree
        .texts()
        .filter(|(path, _)| !["Cargo.lock", MODULE].contains(path));
    texts.flat_map(|(path, text)| find_in(path, text)).collect()
}

fn find_in(path: &str, text: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = numbered(path, text)
        .flat_map(|line| in_line(&line))
        .collect();
    let mut whole = |is_wrong: bool, message: &str| {
        findings.extend(is_wrong.then(|| Finding::new(path, 0, message)));
    };
    whole(text.contains('\r'), "lines end with a line feed alone");
    whole(
        !text.is_empty() && !text.ends_with('\n'),
        "the last line has no end",
    );
    let is_undocumented = path.ends_with(".rs") && !has_docs(text);
    whole(is_undocumented, "a module begins with `//!`: what is it?");
    let is_unsafe = POLICIES.contains(&path) && !text.lines().any(|line| line == SAFE);
    whole(is_unsafe, "a policy has `#![forbid(unsafe_code)]`");
    findings
}

fn in_line(line: &Line<'_>) -> Vec<Finding> {
    let says = |(ending, mark, _): &&(&str, &str, &str)| match *ending {
        ".rs" => line.path.ends_with(".rs") && code(line.text).contains(mark),
        _ => line.text.contains(mark),
    };
    let marks = FORBIDDEN.iter().filter(says);
    let marks = marks.map(|(_, mark, why)| line.finding(format!("`{mark}`: {why}")));
    let space = line.text.ends_with([' ', '\t']);
    let space = space.then(|| line.finding("a space at the end of the line"));
    marks.chain(space).collect()
}

/// A line of Rust without the comment at its end.
pub(super) fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// Whether the character can be in a name.
pub(super) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

fn has_docs(text: &str) -> bool {
    text.lines()
        .take_while(|line| line.is_empty() || line.starts_with("//") || line.starts_with('#'))
        .any(|line| line.starts_with("//!") || line.starts_with("#![doc = "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        find_in(path, text).len()
    }

    #[test]
    fn marks_spaces_and_lines_without_end_are_found() {
        for (ending, mark, _) in FORBIDDEN {
            let path = format!("a{ending}");
            assert_eq!(
                findings(&path, &format!("//! A.\na {mark} b\n")),
                1,
                "{mark}"
            );
        }
        for text in ["a \n", "a\r\n", "a"] {
            assert_eq!(findings("a.md", text), 1, "{text:?}");
        }
    }

    #[test]
    fn plain_text_comments_and_other_casts_are_not() {
        assert_eq!(findings("a.md", "network/home and a todo list\n"), 0);
        let source = concat!(
            "//! A.\n// 4096 as *",
            "mut u8\nlet b = c.cast::<u8>(); let d = e as u8;\n"
        );
        assert_eq!(findings("a.rs", source), 0);
    }

    #[test]
    fn a_module_without_docs_and_a_policy_that_may_be_unsafe_are_found() {
        assert_eq!(findings("a.rs", "use b;\n//! Too late.\n"), 1);
        assert_eq!(
            findings("a.rs", "#![doc = include_str!(\"../README.md\")]\n"),
            0
        );
        assert_eq!(findings(POLICIES[0], "//! Fits.\n"), 1);
        assert_eq!(findings(POLICIES[0], &format!("//! Fits.\n{SAFE}\n")), 0);
    }
}
