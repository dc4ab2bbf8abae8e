//! Every cited invariant is defined by its crate, and tested by its `check()`.
//!
//! A crate defines invariant I3 by a line of its `lib.rs` docs or README that begins with `I3`,
//! list marks aside; it cites one by the word in a comment; `check()` tests it if a text
//! `"I3: …"` is in its code. One that cannot be tested is named in the docs once more: to say why.

use std::collections::BTreeSet;

use xtask_base::tree::Tree;

use super::Finding;
use super::prose::numbered;
use super::text::{code, is_word};

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let crates: Vec<&str> = tree
        .packages()
        .filter(|dir| dir.starts_with("crates/"))
        .collect();
    crates
        .into_iter()
        .flat_map(|dir| find_in(tree, dir))
        .collect()
}

fn find_in(tree: &Tree, dir: &str) -> Vec<Finding> {
    let lib = format!("{dir}/src/lib.rs");
    let docs = docs(tree, dir);
    let defined = defined(&docs);
    let sources = format!("{dir}/src/");
    let mut findings = Vec::new();
    let mut tested = BTreeSet::new();
    for (path, text) in tree
        .ending(".rs")
        .filter(|(path, _)| path.starts_with(&sources))
    {
        for line in numbered(path, text) {
            for number in citations(line.text).filter(|number| !defined.contains(number)) {
                let message = format!("I{number} is cited, but {lib} does not define it");
                findings.push(line.finding(message));
            }
        }
        tested.extend(tests(text));
    }
    let untested = defined.difference(&tested);
    for number in untested.filter(|number| n_mentions(&docs, **number) < 2) {
        let message = format!("I{number} is defined, but no check says \"I{number}: …\"");
        findings.push(Finding::new(&lib, 0, message));
    }
    findings
}

/// The lines of the crate's `lib.rs` docs and README.
fn docs<'a>(tree: &'a Tree, dir: &str) -> Vec<&'a str> {
    let text = |name| tree.text(&format!("{dir}/{name}")).unwrap_or_default();
    let lib = text("src/lib.rs").lines();
    lib.filter_map(|line| line.trim_start().strip_prefix("//!"))
        .chain(text("README.md").lines())
        .collect()
}

fn defined(docs: &[&str]) -> BTreeSet<u32> {
    docs.iter()
        .filter_map(|line| numbers(line.trim_start_matches([' ', '-', '*', '|', '`'])).next())
        .filter_map(|(at, number)| (at == 0).then_some(number))
        .collect()
}

fn n_mentions(docs: &[&str], wanted: u32) -> usize {
    let mentioned = docs.iter().flat_map(|line| numbers(line));
    mentioned.filter(|(_, number)| *number == wanted).count()
}

/// Every invariant named in the comment of a line; one in quotes is an example.
fn citations(line: &str) -> impl Iterator<Item = u32> {
    let comment = &line[code(line).len()..];
    let named = numbers(comment).filter(|(at, _)| !comment[..*at].ends_with('"'));
    named.map(|(_, number)| number)
}

/// The invariants whose sentence is in a literal of the code.
fn tests(text: &str) -> impl Iterator<Item = u32> {
    let literals = text.lines().flat_map(|line| code(line).split('"').skip(1));
    let sentences = literals.filter(|text| text.contains(':'));
    sentences
        .filter_map(|text| numbers(text).next().filter(|(at, _)| *at == 0))
        .map(|(_, number)| number)
}

/// Place and number of every `I` + digits that is a word of its own.
fn numbers(text: &str) -> impl Iterator<Item = (usize, u32)> {
    text.match_indices('I').filter_map(|(at, _)| {
        let starts = !text[..at].ends_with(is_word);
        let rest = &text[at + 1..];
        let digits = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
        starts.then_some(())?;
        Some((at, digits.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(source: &str) -> Vec<Finding> {
        find(&Tree::of(&[
            ("crates/bump/Cargo.toml", ""),
            (
                "crates/bump/src/lib.rs",
                "//! - **I1.** The cursor stays inside.\n//! I2: It is aligned.\n",
            ),
            ("crates/bump/src/bump.rs", source),
        ]))
    }

    const CHECK: &str = "const A: &str = \"I1: inside\"; const B: &str = \"I2: aligned\";\n";

    #[test]
    fn a_citation_of_what_is_not_defined_is_found() {
        let found = findings(&format!("{CHECK}// SAFETY: by I1 and I7.\n"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 2);
    }

    #[test]
    fn an_invariant_that_no_check_tests_is_found_unless_the_docs_come_back_to_it() {
        assert_eq!(findings("const A: &str = \"I1: inside\";\n").len(), 1);
        let docs = "//! - **I1** It is aligned.\n//!\n//! I1 cannot be seen from here.\n";
        let tree = Tree::of(&[("crates/x/Cargo.toml", ""), ("crates/x/src/lib.rs", docs)]);
        assert_eq!(find(&tree), []);
    }

    #[test]
    fn what_is_defined_and_tested_is_not_found_nor_are_other_words() {
        assert_eq!(
            findings(&format!(
                "{CHECK}// By I1, an I/O buffer; MI3 and I32x are words.\n"
            )),
            []
        );
    }
}
