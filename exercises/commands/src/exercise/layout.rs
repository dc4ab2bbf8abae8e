//! An exercise as files in a directory of the reader's.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use xtask_base::Result;
use xtask_base::process::root;
use xtask_base::tree::{self, Tree};

use super::holes::{Exercise, Hole};
use crate::manifest::{around, quoted};

/// Paths in the directory, and contents.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// The crate for a stage of one's own.
const TEMPLATE: &str = "exercises/template/";

/// The stage in a workspace of its own, with its holes, or without for the solution.
///
/// # Errors
///
/// A hole is not found in the sources.
pub(super) fn of(tree: &Tree, exercise: &Exercise, is_solution: bool) -> Result<Files> {
    let mut files = Files::new();
    for (path, bytes) in exercise.files(tree) {
        let text = str::from_utf8(bytes).ok().filter(|_| !is_solution);
        let bytes = match text {
            Some(text) => exercise.with_holes(path, text)?.into_bytes(),
            None => bytes.to_vec(),
        };
        files.insert(path.to_owned(), bytes);
    }
    let manifest = tree.text("Cargo.toml").unwrap_or_default();
    let manifest = around(&exercise.package, manifest, &root())?;
    files.insert("Cargo.toml".to_owned(), manifest.into_bytes());
    add_lock(tree, &mut files);
    files.insert("README.md".to_owned(), readme(exercise).into_bytes());
    Ok(files)
}

/// The versions that the workspace is tested with.
fn add_lock(tree: &Tree, files: &mut Files) {
    if let Some(lock) = tree.bytes("Cargo.lock") {
        files.insert("Cargo.lock".to_owned(), lock.to_vec());
    }
}

fn readme(exercise: &Exercise) -> String {
    let Exercise { phase, about, .. } = exercise;
    let mut text = format!("# Phase {phase}: {about}\n\nWrite these functions:\n\n");
    for Hole {
        path, name, task, ..
    } in &exercise.holes
    {
        text += &format!("- `{name}` in `{path}`. {task}\n");
    }
    let test = exercise.test_line();
    text +=
        &format!("\n`{test}` says whether they are right. Everything else is as it is shipped.\n");
    text
}

/// The template, with the workspace's crates at their places.
///
/// # Errors
///
/// The name of the directory cannot be a package's.
pub(super) fn template(tree: &Tree, dir: &Path) -> Result<Files> {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !is_name {
        return Err(format!(
            "the package is called as its directory, and `{name}` cannot be a name: use letters, digits, - and _"
        ));
    }
    let core_api = quoted(&root().join("crates/core-api"))?;
    let mut files = Files::new();
    for (path, text) in tree.texts() {
        let Some(path) = path.strip_prefix(TEMPLATE) else {
            continue;
        };
        let text = text
            .replace("\"../../crates/core-api\"", &core_api)
            .replace("my-allocator", &name)
            .replace("my_allocator", &name.replace('-', "_"));
        files.insert(path.to_owned(), text.into_bytes());
    }
    if let Some(manifest) = files.get_mut("Cargo.toml") {
        // Wherever the directory is, no workspace above it wants the crate.
        manifest.extend_from_slice(b"\n[workspace]\n");
    }
    add_lock(tree, &mut files);
    Ok(files)
}

/// Nothing of the reader's is overwritten.
///
/// # Errors
///
/// There are files in the directory.
pub(super) fn must_be_new(dir: &Path) -> Result {
    let is_new = match fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !dir.exists(),
    };
    match is_new {
        true => Ok(()),
        false => Err(format!(
            "{} is there already, and what is in it stays: name another directory, or remove it",
            dir.display()
        )),
    }
}

/// Writes the files.
///
/// # Errors
///
/// A file cannot be written.
pub(super) fn write(dir: &Path, files: &Files) -> Result {
    tree::write(dir, files.iter().map(|(path, bytes)| (&**path, &**bytes)))
}

#[cfg(test)]
mod tests {
    use super::super::holes::exercises;
    use super::*;

    #[test]
    fn an_exercise_is_the_stage_with_holes_and_its_solution_is_the_stage() {
        let tree = Tree::read(&root()).unwrap();
        for exercise in &exercises() {
            let holed = of(&tree, exercise, false).unwrap();
            let solved = of(&tree, exercise, true).unwrap();
            assert!(holed.contains_key("Cargo.lock") && holed.contains_key("README.md"));
            let differing = holed
                .iter()
                .filter(|(path, bytes)| solved[*path] != **bytes);
            let mut expected: Vec<_> = exercise
                .holes
                .iter()
                .map(|hole| hole.path.clone())
                .collect();
            expected.dedup();
            let mut differing: Vec<_> = differing.map(|(path, _)| path.clone()).collect();
            differing.sort();
            expected.sort();
            assert_eq!(differing, expected);
            for (path, bytes) in exercise.files(&tree) {
                assert_eq!(solved[path], bytes);
            }
        }
    }

    #[test]
    fn a_template_has_the_name_of_its_directory() {
        let tree = Tree::read(&root()).unwrap();
        let files = template(&tree, Path::new("somewhere/our-heap")).unwrap();
        let text = |path: &str| String::from_utf8(files[path].clone()).unwrap();
        assert!(text("Cargo.toml").contains("name = \"our-heap\""));
        assert!(text("tests/contract.rs").contains("our_heap::graded"));
        assert!(!text("Cargo.toml").contains("../.."));
        assert!(template(&tree, Path::new("somewhere/5 heaps")).is_err());
    }

    #[test]
    fn a_directory_with_files_is_left_alone() {
        assert!(must_be_new(&root()).is_err());
        assert!(must_be_new(&root().join("no-such-directory")).is_ok());
    }
}
