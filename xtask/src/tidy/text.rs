//! No unfinished marks, trailing spaces or paths of one machine.

use super::Finding;
use crate::figures::MODULE;
use crate::tree::Tree;

/// What must not be in any text, and why. Spelled in two halves, so that this file may exist.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("TO", "DO"), "unfinished work is done or dropped"),
    (concat!("FIX", "ME"), "unfinished work is done or dropped"),
    (concat!("XX", "X"), "unfinished work is done or dropped"),
    (concat!("/ho", "me/"), "a path of one machine"),
    (concat!("/Us", "ers/"), "a path of one machine"),
    (concat!("/wo", "rk/"), "a path of one machine"),
    (
        concat!("/tm", "p/"),
        "a path of one machine: use `std::env::temp_dir` or `mktemp`",
    ),
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("C:", "\\"), "a path of one machine"),
];

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    tree.texts()
        // What a program wrote may say anything: the figures' module is a long word of letters.
        .filter(|(path, _)| !["Cargo.lock", MODULE].contains(path))
        .flat_map(|(path, text)| find_in(path, text))
        .collect()
}

fn find_in(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        if line.ends_with([' ', '\t', '\r']) {
            findings.push(Finding::new(
                path,
                index + 1,
                "a space at the end of the line",
            ));
        }
        for (mark, why) in FORBIDDEN.iter().filter(|(mark, _)| line.contains(mark)) {
            findings.push(Finding::new(path, index + 1, format!("`{mark}`: {why}")));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        findings.push(Finding::new(path, 0, "the last line has no end"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_spaces_and_machine_paths_are_found() {
        for (mark, _) in FORBIDDEN {
            assert_eq!(find_in("a.md", &format!("a {mark} b\n")).len(), 1, "{mark}");
        }
        assert_eq!(find_in("a.md", "a \n").len(), 1);
        assert_eq!(find_in("a.md", "a\r\n").len(), 1);
        assert_eq!(find_in("a.md", "a").len(), 1);
    }

    #[test]
    fn plain_text_is_not() {
        assert_eq!(find_in("a.md", "network/home and a todo list\n"), []);
    }
}
