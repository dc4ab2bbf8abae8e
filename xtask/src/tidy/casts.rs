//! An integer never becomes a pointer.
//!
//! `as *mut T` is how that usually happens, and never needed: between pointers there is `cast`,
//! from a reference there is `&raw` or `ptr::from_ref`.

use super::Finding;
use crate::lexer::{Kind, only};
use crate::tree::Tree;

/// What must not be in code, and what to write instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("as *mut ", "use `cast`, `&raw mut` or `Region::at`"),
    ("as *const ", "use `cast`, `&raw const` or `Region::at`"),
    ("with_exposed_provenance", "use `Region::at`"),
    ("expose_provenance", "use `addr`"),
];

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    tree.ending(".rs")
        .flat_map(|(path, text)| find_in(path, text))
        .collect()
}

fn find_in(path: &str, text: &str) -> Vec<Finding> {
    let code = only(Kind::Code, text);
    let mut findings = Vec::new();
    for (index, line) in code.lines().enumerate() {
        for (pattern, instead) in FORBIDDEN
            .iter()
            .filter(|(pattern, _)| line.contains(pattern))
        {
            let message = format!("`{}`: {instead}", pattern.trim_end());
            findings.push(Finding::new(path, index + 1, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_to_pointers_are_found() {
        let text = "let a = 4096 as *mut u8;\nlet b = address as *const u8;\n\
                    let c = core::ptr::with_exposed_provenance_mut::<u8>(d);\n";
        let lines: Vec<_> = find_in("a.rs", text)
            .into_iter()
            .map(|finding| finding.line)
            .collect();
        assert_eq!(lines, [1, 2, 3]);
    }

    #[test]
    fn comments_literals_and_other_casts_are_not() {
        let text = "// 4096 as *mut u8\nlet a = \"as *const u8\"; let b = c.cast::<u8>(); let d = e as u8;\n";
        assert_eq!(find_in("a.rs", text), []);
    }
}
