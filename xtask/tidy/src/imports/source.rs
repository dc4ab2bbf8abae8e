//! What one file of Rust imports: paths from `crate`, `super`, `self` or a module that the file declares, in `use` and in
//! other code.
//!
//! Items behind `#[cfg(test)]` do not count.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path that leads somewhere, by its parts.
pub(super) type Path = Vec<String>;

/// The imports of one file, as the file writes them, but for what `super` means in a module within the file.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// Modules that lie in files of their own.
    pub(super) modules: Vec<String>,
    /// The same, behind `#[cfg(test)]`.
    pub(super) tests: Vec<String>,
    pub(super) imports: Vec<Path>,
    /// Names, or `*`, that the file re-exports, and where they come from.
    pub(super) exports: Vec<(String, Path)>,
    /// Lines of code.
    pub(super) lines: usize,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let mut tokens = Tokens::default();
        // What is not Rust is the compiler's to report.
        tokens.add(text.parse().unwrap_or_default());
        let words: Vec<&str> = tokens.words.iter().map(String::as_str).collect();
        let declarations = words.windows(3).filter_map(|window| match window {
            ["mod", name, ";"] => Some((*name).to_owned()),
            _ => None,
        });
        let mut source = Self {
            lines: tokens.lines.len(),
            modules: declarations.collect(),
            tests: tokens.tests.clone(),
            ..Self::default()
        };
        source.scan(&words);
        source
    }

    fn scan(&mut self, tokens: &[&str]) {
        let (mut depth, mut inner) = (0, Vec::new());
        let mut at = 0;
        while at < tokens.len() {
            let before = at.checked_sub(1).map(|before| tokens[before]);
            match tokens[at..] {
                ["mod", _, "{", ..] => {
                    inner.push(depth);
                    (depth, at) = (depth + 1, at + 2);
                }
                ["{", ..] => depth += 1,
                ["}", ..] => {
                    depth -= 1;
                    inner.pop_if(|start| *start == depth);
                }
                ["use", ..] => {
                    let len = tokens[at..].iter().position(|&token| token == ";");
                    let tree = &tokens[at + 1..at + len.unwrap_or(1)];
                    let is_export = matches!(before, Some("pub" | ")")) && inner.is_empty();
                    self.add_tree(tree, &[], inner.len(), is_export);
                    at += tree.len();
                }
                [_, "::", ..] if before != Some("::") && before != Some("$") => {
                    let path: Vec<&str> = tokens[at..].iter().step_by(2).copied().collect();
                    let n_joints = tokens[at + 1..].iter().step_by(2);
                    let n = n_joints.take_while(|&&token| token == "::").count();
                    self.add_path(&path[..path.len().min(n + 1)], inner.len());
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Adds the paths of a `use`, which may branch.
    fn add_tree(&mut self, tree: &[&str], prefix: &[&str], n_inner: usize, is_export: bool) {
        let Some(open) = tree.iter().position(|&token| token == "{") else {
            let words: Vec<&str> = tree
                .iter()
                .copied()
                .filter(|&token| token != "::")
                .collect();
            let renamed = words.iter().position(|&word| word == "as");
            let name = words.last().copied().unwrap_or_default();
            let words = &words[..renamed.unwrap_or(words.len())];
            let path: Vec<&str> = prefix.iter().chain(words).copied().collect();
            match is_export {
                true => self.add_export(name, &path),
                false => self.add_path(&path, n_inner),
            }
            return;
        };
        let own = tree[..open].iter().copied().filter(|&token| token != "::");
        let prefix: Vec<&str> = prefix.iter().copied().chain(own).collect();
        let inside = &tree[open + 1..tree.len().saturating_sub(1)];
        let (mut depth, mut start) = (0, 0);
        for (at, &token) in inside.iter().chain([&","]).enumerate() {
            match token {
                "{" => depth += 1,
                "}" => depth -= 1,
                "," if depth == 0 => {
                    let branch = &inside[start..at.min(inside.len())];
                    if !branch.is_empty() {
                        self.add_tree(branch, &prefix, n_inner, is_export);
                    }
                    start = at + 1;
                }
                _ => {}
            }
        }
    }

    fn add_export(&mut self, name: &str, path: &[&str]) {
        let path = path.iter().map(|part| (*part).to_owned());
        self.exports.push((name.to_owned(), path.collect()));
    }

    /// Adds a path if it leads into this crate. Within `n_inner` modules of the file, as many `super` stay in the file.
    fn add_path(&mut self, path: &[&str], n_inner: usize) {
        let n_supers = path.iter().take_while(|&&part| part == "super").count();
        let path = &path[n_supers.min(n_inner)..];
        let is_ours = |first: &&str| {
            ["crate", "super", "self"].contains(first)
                || self.modules.iter().any(|module| module == first)
        };
        if path.first().is_some_and(is_ours) {
            let path = path.iter().map(|part| (*part).to_owned());
            self.imports.push(path.collect());
        }
    }
}

/// The words and signs of a file, without docs and what is behind `#[cfg(test)]`.
#[derive(Default)]
struct Tokens {
    /// `::` is one sign.
    words: Vec<String>,
    /// Those with a token on them.
    lines: BTreeSet<usize>,
    /// Modules in files of their own behind `#[cfg(test)]`.
    tests: Vec<String>,
}

impl Tokens {
    fn add(&mut self, stream: TokenStream) {
        let mut tokens = stream.into_iter().peekable();
        let is_sign = |token: &TokenTree, sign| matches!(token, TokenTree::Punct(found) if found.as_char() == sign);
        while let Some(token) = tokens.next() {
            let (start, end) = (token.span().start().line, token.span().end().line);
            if is_sign(&token, '#') {
                tokens.next_if(|token| is_sign(token, '!'));
                let Some(attribute) = tokens.next() else {
                    return;
                };
                let text = attribute.to_string().replace(' ', "");
                if text == "[cfg(test)]" {
                    self.skip_item(&mut tokens);
                } else if !text.starts_with("[doc=\"") && !text.starts_with("[doc=r") {
                    self.lines.extend(start..=attribute.span().end().line);
                }
                continue;
            }
            let TokenTree::Group(group) = token else {
                self.lines.extend(start..=end);
                let joins =
                    is_sign(&token, ':') && tokens.next_if(|next| is_sign(next, ':')).is_some();
                self.words.push(if joins {
                    "::".to_owned()
                } else {
                    token.to_string()
                });
                continue;
            };
            self.lines.extend([start, end]);
            let [open, close] = match group.delimiter() {
                Delimiter::Brace => ["{", "}"],
                Delimiter::Bracket => ["[", "]"],
                Delimiter::Parenthesis => ["(", ")"],
                Delimiter::None => ["", ""],
            };
            self.words.push(open.to_owned());
            self.add(group.stream());
            self.words.push(close.to_owned());
        }
    }

    /// Skips what is up to a semicolon or to the end of a block.
    fn skip_item(&mut self, tokens: &mut impl Iterator<Item = TokenTree>) {
        let mut words = Vec::new();
        for token in tokens {
            let is_block =
                matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
            words.push(token.to_string());
            if let [.., keyword, name, end] = &words[..]
                && (&**keyword, &**end) == ("mod", ";")
            {
                self.tests.push(name.clone());
            }
            if is_block || words.last().is_some_and(|word| word == ";") {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(text: &str) -> Vec<String> {
        let source = Source::read(text);
        source.imports.iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn a_use_may_branch_and_rename() {
        assert_eq!(
            imports("use crate::a::{self, b::{C, D as E}, F};\nuse core::fmt;\n"),
            [
                "crate::a::self",
                "crate::a::b::C",
                "crate::a::b::D",
                "crate::a::F"
            ]
        );
    }

    #[test]
    fn paths_in_expressions_count_if_they_lead_into_the_crate() {
        assert_eq!(
            imports("mod low;\nfn f() -> crate::a::A { low::g(Vec::new(), self::h()) }\n"),
            ["crate::a::A", "low::g", "self::h"]
        );
    }

    #[test]
    fn a_module_within_the_file_is_the_file() {
        assert_eq!(
            imports("mod place {\n    use super::X;\n    use super::super::Y;\n}\nuse super::Z;\n"),
            ["super::Y", "super::Z"]
        );
    }

    #[test]
    fn tests_are_left_out_and_lines_of_code_counted() {
        let text = "//! Docs.\nuse crate::a;\n\n/* no\n no */ fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}\n#[inline]\n/// Docs.\nconst C: &str =\n    \"é\";\n";
        assert_eq!(imports(text), ["crate::a"]);
        assert_eq!(Source::read(text).lines, 5);
    }

    #[test]
    fn what_is_exported_is_no_import() {
        let source = Source::read("mod a;\npub(crate) use a::{A, b::*};\npub use a::C as D;\n");
        assert_eq!(source.imports, [[""; 0]; 0]);
        let names = source.exports.iter().map(|(name, _)| name.as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["A", "*", "D"]);
    }
}
