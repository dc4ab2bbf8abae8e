//! Every item in backticks that names a crate or type of ours exists.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::prose::{self, code_spans};
use crate::lexer::{Kind, is_word, only};
use crate::tree::Tree;

/// The words of the workspace's code: an item that no code spells does not exist.
#[derive(Default)]
struct Words {
    /// By crate name, as Rust code spells it.
    of_crate: BTreeMap<String, BTreeSet<String>>,
    all: BTreeSet<String>,
    /// Words that follow `struct`, `enum`, `trait` or `union`.
    types: BTreeSet<String>,
}

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let words = Words::of(tree);
    prose::lines(tree)
        .flat_map(|line| code_spans(line.text).map(move |span| (line, span)))
        .filter_map(|(line, span)| {
            let missing = words.missing(span)?;
            let message = format!("`{span}`: there is no `{missing}`");
            Some(Finding::new(line.path, line.number, message))
        })
        .collect()
}

impl Words {
    fn of(tree: &Tree) -> Self {
        let mut words = Self::default();
        for package in tree.packages() {
            let name = package
                .rsplit('/')
                .next()
                .unwrap_or(package)
                .replace('-', "_");
            let prefix = format!("{package}/");
            let sources = tree
                .ending(".rs")
                .filter(|(path, _)| path.starts_with(&prefix));
            for (_, text) in sources {
                words.add(&name, &only(Kind::Code, text));
            }
        }
        words
    }

    fn add(&mut self, name: &str, code: &str) {
        let of_crate = self.of_crate.entry(name.to_owned()).or_default();
        let mut before = "";
        for word in code.split(|c| !is_word(c)).filter(|word| !word.is_empty()) {
            if ["struct", "enum", "trait", "union"].contains(&before) {
                self.types.insert(word.to_owned());
            }
            of_crate.insert(word.to_owned());
            self.all.insert(word.to_owned());
            before = word;
        }
    }

    /// The first part of a path like `core_api::Region::at` that no code spells.
    fn missing<'s>(&self, span: &'s str) -> Option<&'s str> {
        let path = span.split(['(', '<', ' ']).next()?;
        let (first, rest) = path.split_once("::")?;
        let known = match self.of_crate.get(first) {
            Some(words) => words,
            None if self.types.contains(first) => &self.all,
            None => return None,
        };
        rest.split("::")
            .find(|part| !part.is_empty() && part.chars().all(is_word) && !known.contains(*part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(markdown: &str) -> usize {
        find(&Tree::of(&[
            ("docs/a.md", markdown),
            ("crates/core-api/Cargo.toml", ""),
            (
                "crates/core-api/src/lib.rs",
                "pub struct Region; impl Region { pub fn at() {} } // gone\n",
            ),
        ]))
        .len()
    }

    #[test]
    fn an_item_that_no_code_spells_is_found() {
        assert_eq!(findings("`core_api::Reigon`"), 1);
        assert_eq!(findings("`Region::gone`"), 1);
        assert_eq!(findings("`Region::gone(address)`"), 1);
    }

    #[test]
    fn items_that_exist_and_items_of_others_are_not() {
        assert_eq!(
            findings("`core_api::Region`, `Region::at(address)`, `core_api::Region::at`"),
            0
        );
        assert_eq!(findings("`Vec::push`, `std::alloc::System`, `a:b`"), 0);
    }
}
