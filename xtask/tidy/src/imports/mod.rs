//! The files of a stage, or of `preload`, import each other in one direction: there is no circle, neither of files nor of folders.
//!
//! A crate's `lib.rs` may list its folders from top to bottom, in a table under the heading `Folders`. Then every import
//! from one folder to another goes down in that table.

mod graph;
mod source;

use xtask_base::Result;
use xtask_base::listing;
use xtask_base::process::root;
use xtask_base::tree::Tree;

use super::Finding;
use graph::{Crate, File};

/// Folders and files that a stage can do without: they look at it, or hold a mode of it.
const OPTIONAL_ROOMS: &[&str] = &["observe", "hardened", "huge_pages"];

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    tree.stages()
        .chain(["preload"])
        .flat_map(|name| findings(&Crate::read(tree, name)))
        .collect()
}

fn findings(stage: &Crate) -> Vec<Finding> {
    let circle = stage
        .circle(File::path)
        .or_else(|| stage.circle(File::place));
    let circles = circle.into_iter().map(|circle| {
        let message = format!("a circle of imports: {}", circle.join(" → "));
        Finding::new(&format!("{}lib.rs", stage.dir()), 0, message)
    });
    let upward = upward(stage).map(|(from, to)| {
        let message = format!(
            "it imports {}, whose folder `lib.rs` lists above",
            to.path()
        );
        Finding::new(&format!("{}{}", stage.dir(), from.path()), 0, message)
    });
    circles.chain(upward).collect()
}

/// The imports that go up in the table of folders.
fn upward(stage: &Crate) -> impl Iterator<Item = (&File, &File)> {
    let folders = stage.folders();
    let depth = move |file: &File| folders.iter().position(|folder| *folder == file.place());
    stage
        .imports()
        .filter(move |(from, to)| match (depth(from), depth(to)) {
            (Some(from), Some(to)) => to < from,
            _ => false,
        })
}

/// Prints what the imports of each stage amount to.
pub(super) fn print() -> Result {
    let tree = Tree::read(&root())?;
    let head = format!(
        "{:<16}{:>6}{:>8}{:>16}{:>9}{:>8}",
        "", "files", "lines", "without rooms", "imports", "upward"
    );
    let row = |name: &str| {
        let stage = Crate::read(&tree, name);
        let is_room = |file: &&File| OPTIONAL_ROOMS.iter().any(|room| file.is_in(room));
        let lines: usize = stage.files().map(File::lines).sum();
        let of_rooms: usize = stage.files().filter(is_room).map(File::lines).sum();
        format!(
            "{name:<16}{:>6}{lines:>8}{:>16}{:>9}{:>8}",
            stage.files().count(),
            lines - of_rooms,
            stage.imports().count(),
            upward(&stage).count(),
        )
    };
    let about = format!(
        "lines: of code, without comments and unit tests; rooms: {}",
        OPTIONAL_ROOMS.join(", ")
    );
    let rows = tree.stages().chain(["preload"]).map(row);
    listing::print([head].into_iter().chain(rows).chain([about]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages about a crate of these files.
    fn messages(files: &[(&str, &str)]) -> Vec<String> {
        let paths = files
            .iter()
            .map(|(path, text)| (format!("crates/x/src/{path}"), *text));
        let mut all: Vec<(String, &str)> = paths.collect();
        all.push(("crates/x/Cargo.toml".to_owned(), ""));
        let all: Vec<(&str, &str)> = all.iter().map(|(path, text)| (&**path, *text)).collect();
        let found = find(&Tree::of(&all));
        found.into_iter().map(|finding| finding.message).collect()
    }

    const LIB: &str = "mod a;\nmod b;\nmod c;\npub use a::A;\npub const N: usize = 1;\n";

    #[test]
    fn imports_in_one_direction_are_none() {
        let files = [
            ("lib.rs", LIB),
            ("a.rs", "use crate::N;\nuse crate::b::B;\npub struct A;"),
            (
                "b.rs",
                "use crate::{N, c::C};\n// use crate::a::A;\npub struct B;",
            ),
            (
                "c.rs",
                "pub struct C;\n#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n",
            ),
        ];
        assert_eq!(messages(&files), [""; 0]);
    }

    #[test]
    fn a_circle_of_files_is_found() {
        let files = [
            ("lib.rs", LIB),
            ("a.rs", "use crate::b::B;\npub struct A;"),
            ("b.rs", "use super::c;\npub struct B;"),
            ("c.rs", "pub fn c() -> crate::a::A { x() }"),
        ];
        let expected = "a circle of imports: a.rs → b.rs → c.rs → a.rs";
        assert_eq!(messages(&files), [expected]);
    }

    #[test]
    fn a_circle_through_what_the_root_exports_is_found() {
        let files = [
            ("lib.rs", LIB),
            ("a.rs", "use crate::b::B;\npub struct A;"),
            ("b.rs", "use crate::A;"),
            ("c.rs", ""),
        ];
        assert_eq!(
            messages(&files),
            ["a circle of imports: a.rs → b.rs → a.rs"]
        );
    }

    #[test]
    fn a_circle_of_folders_is_found_where_there_is_none_of_files() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\n"),
            ("a/mod.rs", "pub mod low;\npub mod high;\n"),
            ("a/low.rs", ""),
            ("a/high.rs", "use crate::b::B;"),
            ("b.rs", "use crate::a::low::X;\npub struct B;"),
        ];
        assert_eq!(messages(&files), ["a circle of imports: a → b → a"]);
    }

    #[test]
    fn an_import_of_a_folder_that_is_listed_above_is_found() {
        let lib = "//! # Folders\n//!\n//! | folder | |\n//! |---|---|\n//! | `b` | low |\n//! | `a` | high |\n//!\n\
                   //! # More\nmod a;\nmod b;\n";
        let files = [
            ("lib.rs", lib),
            ("a/mod.rs", "use crate::b::B;"),
            ("b/mod.rs", "pub struct B;"),
        ];
        let expected = "it imports b/mod.rs, whose folder `lib.rs` lists above";
        assert_eq!(messages(&files), [expected]);
    }
}
