//! What one file of Rust imports: paths from `crate`, `super`, `self` or a module that the file declares, in `use` and in
//! other code.
//!
//! Items behind `#[cfg(test)]` do not count.

use std::ops::Range;

use crate::lexer::{Kind, is_word, only};

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
        let mut code = only(Kind::Code, text);
        let tests = tests(&code);
        let mut literals = only(Kind::Literal, text);
        let mut of_tests = Vec::new();
        for range in tests {
            of_tests.extend(declared(&code[range.clone()]));
            blank(&mut code, range.clone());
            blank(&mut literals, range);
        }
        let has_text =
            |(code, literal): (&str, &str)| !code.trim().is_empty() || !literal.trim().is_empty();
        let lines = code.lines().zip(literals.lines());
        let mut source = Self {
            lines: lines.filter(|&line| has_text(line)).count(),
            modules: declared(&code),
            tests: of_tests,
            ..Self::default()
        };
        let tokens: Vec<&str> = tokens(&code).map(|(_, token)| token).collect();
        source.scan(&tokens);
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
                [first, "::", ..] if before != Some("::") && before != Some("$") => {
                    let path: Vec<&str> = tokens[at..].iter().step_by(2).copied().collect();
                    let n_joints = tokens[at + 1..].iter().step_by(2);
                    let n = n_joints.take_while(|&&token| token == "::").count();
                    self.add_path(&path[..path.len().min(n + 1)], inner.len());
                    debug_assert_eq!(first, path[0]);
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

/// The names of the modules in files of their own that code declares.
fn declared(code: &str) -> Vec<String> {
    let tokens: Vec<&str> = tokens(code).map(|(_, token)| token).collect();
    let declarations = tokens.windows(3).filter_map(|window| match window {
        ["mod", name, ";"] => Some((*name).to_owned()),
        _ => None,
    });
    declarations.collect()
}

/// The words and signs of code, with their places; `::` is one sign.
fn tokens(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += code[at..].len() - code[at..].trim_start().len();
        let rest = &code[at..];
        let first = rest.chars().next()?;
        let len = match first {
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ if rest.starts_with("::") => 2,
            c => c.len_utf8(),
        };
        let token = (at, &rest[..len]);
        at += len;
        Some(token)
    })
}

/// Where the items behind `#[cfg(test)]` are.
fn tests(code: &str) -> Vec<Range<usize>> {
    const MARK: &str = "#[cfg(test)]";
    let starts = code.match_indices(MARK).map(|(at, _)| at);
    starts
        .map(|start| {
            let mut depth = 0;
            let end = tokens(&code[start + MARK.len()..]).find(|(_, token)| {
                depth += match *token {
                    "{" => 1,
                    "}" => -1,
                    _ => 0,
                };
                depth == 0 && matches!(*token, ";" | "}")
            });
            start..end.map_or(code.len(), |(at, _)| start + MARK.len() + at + 1)
        })
        .collect()
}

/// Blanks a part of code, but for its ends of lines.
fn blank(code: &mut String, range: Range<usize>) {
    let keep = |c: char| if c == '\n' { c } else { ' ' };
    // Only what is one byte long stays one byte long.
    let blanked: String = code[range.clone()]
        .chars()
        .flat_map(|c| std::iter::repeat_n(keep(c), c.len_utf8()))
        .collect();
    code.replace_range(range, &blanked);
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
        let text = "//! Docs.\nuse crate::a;\n\n/* no\n no */ fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::b;\n}\nconst C: &str =\n    \"é\";\n";
        assert_eq!(imports(text), ["crate::a"]);
        assert_eq!(Source::read(text).lines, 4);
    }

    #[test]
    fn what_is_exported_is_no_import() {
        let source = Source::read("mod a;\npub(crate) use a::{A, b::*};\npub use a::C as D;\n");
        assert_eq!(source.imports, [[""; 0]; 0]);
        let names = source.exports.iter().map(|(name, _)| name.as_str());
        assert_eq!(names.collect::<Vec<_>>(), ["A", "*", "D"]);
    }
}
