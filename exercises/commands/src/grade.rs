//! `grade`: the bench harness, built around a reader's own allocator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use xtask_base::options::Options;
use xtask_base::process::{self, cargo, root, succeed, target_dir};
use xtask_base::{Result, launch, tree};

use crate::manifest::{package_name, quoted, section};

/// What the crate must have.
const CONVENTION: &str = "pub fn graded(memory: core_api::Region) -> impl core_api::Allocator\n\n\
    or, if it takes its memory from the system,\n\n    pub fn graded() -> impl core_api::Allocator";

/// The reader's allocator in the harness's table.
const YOURS: &str = "yours";

/// The program of the harness with one more allocator; around the template in this workspace.
const PROGRAM: &str = "bench-harness/graded/src/main.rs";

pub(crate) fn run(args: &[String]) -> Result {
    let mut options = Options::new(args);
    let path = options.value("--crate")?;
    let stage = options.value("--stage")?;
    let mut passed = Vec::new();
    for flag in ["--quick", "--instructions"] {
        if options.flag(flag) {
            passed.push(flag.to_owned());
        }
    }
    for name in ["--trace", "--ops", "--cases", "--patience"] {
        let values = options.values(name)?.into_iter();
        passed.extend(values.flat_map(|value| [name.to_owned(), value]));
    }
    options.finish()?;
    launch::needs_linux()?;
    let (mut run, name) = match (path, stage) {
        (Some(path), None) => (around(Path::new(&path))?, YOURS.to_owned()),
        (None, Some(stage)) => (launch::built(launch::QUICK, "bench-harness")?, stage),
        _ => {
            return Err("name the allocator: `--crate PATH` for your own, or `--stage NAME` for one of the \
                        bench\n`cargo xtask exercise new PATH` lays out a crate to begin with"
                .to_owned());
        }
    };
    run.arg("grade").arg(name).args(passed);
    launch::become_it(run)
}

/// The harness with the crate at `path`.
fn around(path: &Path) -> Result<Command> {
    let path = fs::canonicalize(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let package = package(&path)?;
    if !has_convention(&path.join("src")) {
        return Err(format!(
            "{} has no function `graded`, by which the allocator is made. Add\n\n    {CONVENTION}\n\n\
             to it; `cargo xtask exercise new DIR` shows a crate that has one.",
            path.display()
        ));
    }
    let dir = target_dir().join("grade");
    lay_out(&dir, &package, &path)?;
    let target = target_dir();
    let mut build = cargo(&["build", "--profile", "quick", "--manifest-path"]);
    build
        .arg(dir.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(&target);
    eprintln!(
        "building the harness around `{package}`: some minutes the first time, and seconds later"
    );
    succeed(&mut build).map_err(|error| {
        format!(
            "{error}\nIf the first error above is in your crate, mend that. If it is about `graded`, the function \
             must be\n\n    {CONVENTION}\n\nwith `core_api` of this workspace: {}",
            root().join("crates/core-api").display()
        )
    })?;
    Ok(Command::new(target.join("quick/graded")))
}

/// The name of the package at `path`.
fn package(path: &Path) -> Result<String> {
    let file = path.join("Cargo.toml");
    let text = process::read(&file);
    let text =
        text.map_err(|error| format!("{error}\n`--crate` names a directory with a package"))?;
    let name = package_name(&text);
    name.ok_or_else(|| format!("{}: there is no `name` in `[package]`", file.display()))
}

/// Whether a source under `dir` defines or re-exports `graded`.
fn has_convention(dir: &Path) -> bool {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.any(|path| match path.is_dir() {
        true => has_convention(&path),
        false => is_source_with_it(&path),
    })
}

fn is_source_with_it(path: &PathBuf) -> bool {
    let is_source = path.extension().is_some_and(|extension| extension == "rs");
    is_source && fs::read_to_string(path).is_ok_and(|text| text.contains("graded"))
}

/// Writes the package around the crate: its program is the one of this workspace.
fn lay_out(dir: &Path, package: &str, path: &Path) -> Result {
    let root = root();
    let read = |name: &str| {
        let path = root.join(name);
        process::read(&path)
    };
    let manifest = manifest(&read("Cargo.toml")?, package, path, &root)?;
    let files = [
        ("Cargo.toml", manifest),
        ("Cargo.lock", read("Cargo.lock")?),
        ("src/main.rs", read(PROGRAM)?),
    ];
    tree::write(
        dir,
        files
            .each_ref()
            .map(|(path, text)| (*path, text.as_bytes())),
    )
}

/// The manifest of that package. The profile is the bench's, but a panic unwinds: then the test kit can catch
/// it and shrink the program that leads to it.
fn manifest(workspace: &str, package: &str, path: &Path, root: &Path) -> Result<String> {
    let profiles = [
        "[profile.release]",
        "[profile.quick]",
        "[profile.quick.package]",
    ];
    let profiles = profiles.map(|name| section(workspace, name).unwrap_or_default().trim());
    let profiles = profiles
        .join("\n\n")
        .replace("panic = \"abort\"", "panic = \"unwind\"");
    let (harness, path) = (quoted(&root.join("bench-harness"))?, quoted(path)?);
    Ok(format!(
        "[package]\nname = \"graded\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[workspace]\n\n\
         [dependencies]\nbench-harness = {{ path = {harness} }}\n\
         subject = {{ package = \"{package}\", path = {path} }}\n\n{profiles}\n"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask_base::options::args;

    #[test]
    fn the_package_around_a_crate_has_the_profile_of_the_bench() {
        let workspace = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let manifest = manifest(&workspace, "our-heap", Path::new("/our-heap"), &root()).unwrap();
        assert!(
            manifest.contains("[profile.quick]\ninherits = \"release\""),
            "{manifest}"
        );
        assert!(manifest.contains("panic = \"unwind\"") && !manifest.contains("abort"));
        assert!(manifest.contains("package = \"our-heap\", path = \"/our-heap\""));
    }

    #[test]
    fn a_crate_that_cannot_be_graded_is_told_what_is_missing() {
        let run = |line: &str| run(&args(line));
        assert!(run("--quick").unwrap_err().contains("exercise new"));
        assert!(
            run("--crate /no/such/place")
                .unwrap_err()
                .contains("/no/such/place")
        );
        let docs = root().join("docs");
        assert!(
            run(&format!("--crate {}", docs.display()))
                .unwrap_err()
                .contains("--crate")
        );
        let stage = root().join("crates/bump");
        let unnamed = run(&format!("--crate {}", stage.display())).unwrap_err();
        assert!(unnamed.contains("pub fn graded"), "{unnamed}");
    }
}
