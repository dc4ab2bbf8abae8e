//! The holes: which functions of a stage the reader writes, and how they are cut out of the sources.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use serde::Deserialize;
use xtask_base::Result;
use xtask_base::tree::Tree;

/// The exercises, in their order.
const TEXT: &str = include_str!("../../exercises.toml");

#[derive(Deserialize)]
struct List {
    exercises: Vec<Exercise>,
}

/// A phase's stage, with holes.
#[derive(Debug, Deserialize)]
pub(super) struct Exercise {
    pub(super) phase: String,
    /// The directory in `crates`.
    pub(super) package: String,
    pub(super) about: String,
    pub(super) holes: Vec<Hole>,
    /// Files of other packages that its tests read, by their directory in `crates`.
    #[serde(default)]
    beside: Vec<String>,
    /// A test that is left out.
    skip: Option<String>,
}

/// A function whose body the reader writes.
#[derive(Debug, Deserialize)]
pub(super) struct Hole {
    /// The file, seen from the exercise's directory; in the list, from the stage's sources.
    #[serde(rename = "file")]
    pub(super) path: String,
    /// The function's name.
    pub(super) name: String,
    /// What its head is found behind, if the file has several functions of that name.
    #[serde(default)]
    behind: String,
    pub(super) task: String,
}

pub(super) fn exercises() -> Vec<Exercise> {
    let List { mut exercises } = toml::from_str(TEXT).expect("the tests read it as well");
    for Exercise { package, holes, .. } in &mut exercises {
        for hole in holes {
            hole.path = format!("{package}/src/{}", hole.path);
        }
    }
    exercises
}

impl Exercise {
    /// A line of the list.
    pub(super) fn summary(&self) -> String {
        let holes: Vec<&str> = self.holes.iter().map(|hole| &*hole.name).collect();
        let holes = holes.join(", ");
        format!(
            "{}  {:<16}{}: {holes}",
            self.phase, self.package, self.about
        )
    }

    /// The command that tests it. The stage's other test programs need more than the holes.
    pub(super) fn test_line(&self) -> String {
        format!("cargo test {}", self.test_args().join(" "))
    }

    /// Which tests.
    pub(super) fn test_args(&self) -> Vec<&str> {
        let skip = self.skip.iter().flat_map(|name| ["--", "--skip", name]);
        ["--lib", "--test", "it"].into_iter().chain(skip).collect()
    }

    /// The text of a file with every hole of it cut out.
    ///
    /// # Errors
    ///
    /// A function is not found exactly once.
    pub(super) fn with_holes(&self, file: &str, text: &str) -> Result<String> {
        let holes = self.holes.iter().filter(|hole| hole.path == file);
        holes.into_iter().try_fold(text.to_owned(), |text, hole| {
            hole.cut(&text).map_err(|error| format!("{file}: {error}"))
        })
    }

    /// Its files as the sources have them, seen from its directory.
    pub(super) fn files<'a>(&'a self, tree: &'a Tree) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let package = format!("{}/", self.package);
        let files = tree.files();
        let files = files.filter_map(|(path, bytes)| Some((path.strip_prefix("crates/")?, bytes)));
        files.filter(move |(path, _)| {
            path.starts_with(&package) || self.beside.iter().any(|dir| path.starts_with(&**dir))
        })
    }
}

impl Hole {
    /// Puts a panic that says what to do in the place of the function's body.
    ///
    /// # Errors
    ///
    /// The function is not found, or there are several.
    fn cut(&self, text: &str) -> Result<String> {
        let (before, _) = text
            .split_once(&*self.behind)
            .ok_or_else(|| format!("`{}` is not found", self.behind))?;
        let tokens: TokenStream = text.parse().map_err(|error| format!("{error}"))?;
        let mut bodies = Vec::new();
        self.find(tokens, &mut bodies);
        bodies.retain(|(start, _)| *start >= before.len());
        let name = &self.name;
        let (start, end) = match bodies[..] {
            [] => return Err(format!("there is no `fn {name}`")),
            [_, _, ..] if self.behind.is_empty() => {
                return Err(format!("there are several `fn {name}`"));
            }
            [first, ..] => first,
        };
        let line = text[..start].rsplit('\n').next().unwrap_or_default();
        let indent = &line[..line.len() - line.trim_start().len()];
        let task = self.task.replace('"', "\\\"");
        let body = format!("{{\n{indent}    unimplemented!(\"{task}\")\n{indent}}}");
        Ok(format!("{}{body}{}", &text[..start], &text[end..]))
    }

    /// Finds where the bodies of the functions of this name begin and end, with their braces.
    fn find(&self, tokens: TokenStream, bodies: &mut Vec<(usize, usize)>) {
        let mut before = String::new();
        let mut in_head = false;
        for token in tokens {
            in_head |= before == "fn" && token.to_string() == self.name;
            match &token {
                TokenTree::Group(group) if in_head && group.delimiter() == Delimiter::Brace => {
                    let body = group.span().byte_range();
                    bodies.push((body.start, body.end));
                    in_head = false;
                }
                TokenTree::Group(group) => self.find(group.stream(), bodies),
                TokenTree::Ident(word) => before = word.to_string(),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask_base::process::root;

    #[test]
    fn every_hole_is_a_function_of_the_sources_and_the_rest_stays_as_it_is() {
        let tree = Tree::read(&root()).unwrap();
        for exercise in exercises() {
            for hole in &exercise.holes {
                let path = format!("crates/{}", hole.path);
                let text = tree.text(&path).unwrap_or_else(|| panic!("no {path}"));
                let cut = hole.cut(text).unwrap();
                assert!(
                    cut.contains(&format!("unimplemented!(\"{}", hole.task)),
                    "{path}"
                );
                let common = cut
                    .lines()
                    .filter(|line| !line.contains("unimplemented!"))
                    .all(|line| text.lines().any(|other| other == line));
                assert!(common && cut.len() < text.len() + 300, "{path}");
            }
        }
    }

    #[test]
    fn braces_in_comments_and_literals_are_no_braces() {
        let of = str::to_owned;
        let (path, behind) = (of("x.rs"), String::new());
        let hole = Hole {
            path,
            behind,
            name: of("f"),
            task: of("Do it."),
        };
        let text = "/// { fn f(\nfn f(a: char) -> char {\n    // }\n    if a == '}' { \"{\" }\n    a\n}\nfn g() {}\n";
        let cut = hole.cut(text).unwrap();
        assert_eq!(
            cut,
            "/// { fn f(\nfn f(a: char) -> char {\n    unimplemented!(\"Do it.\")\n}\nfn g() {}\n"
        );
        assert!(hole.cut("fn h() {}").is_err());
        assert!(hole.cut("fn f() {} fn f() {}").is_err());
    }
}
