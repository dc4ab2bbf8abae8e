//! The packages depend on each other as the architecture draws it.
//!
//! The drawing is the data: a fenced block of lines `package → dependency, …` in the chapter on
//! architecture. Dependencies of tests and benches are not drawn. The ladder's packages are drawn by the
//! names of their directories, by which manifests call them too.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::tree::{Tree, short};

const DRAWING: &str = "docs/src/architecture.md";
const BEGIN: &str = "<!-- BEGIN dependencies -->";
const END: &str = "<!-- END dependencies -->";

/// What a stage, or what it builds on, may use from outside the workspace.
const MAY_USE: &[(&str, &str)] = &[("os", "libc")];

type Graph<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let real = real(tree);
    let drawn = drawn(tree.text(DRAWING).unwrap_or_default());
    let mut findings = foreign(tree, &real);
    let empty = BTreeSet::new();
    let packages: BTreeSet<&str> = real.keys().chain(drawn.keys()).copied().collect();
    for package in &packages {
        let uses = real.get(package).unwrap_or(&empty);
        let has: BTreeSet<&str> = uses
            .iter()
            .copied()
            .filter(|name| real.contains_key(name))
            .collect();
        let should = drawn.get(package).unwrap_or(&empty);
        let is_known = real.contains_key(package) && drawn.contains_key(package);
        if !is_known || has != *should {
            let message = format!("`{package}` is drawn with {should:?} and has {has:?}");
            findings.push(Finding::new(DRAWING, 0, message));
        }
    }
    findings
}

/// Stages depend on nothing from outside, but for the exceptions above.
fn foreign(tree: &Tree, real: &Graph<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in tree.stages().chain(["core-api", "os"]) {
        for name in real.get(package).into_iter().flatten() {
            let is_ours = real.contains_key(name);
            if !is_ours && !MAY_USE.contains(&(package, name)) {
                let path = format!("crates/{package}/Cargo.toml");
                let message = format!("a stage does without dependencies, but `{name}` is one");
                findings.push(Finding::new(&path, 0, message));
            }
        }
    }
    findings
}

fn drawn(text: &str) -> Graph<'_> {
    let block = text
        .split(BEGIN)
        .nth(1)
        .and_then(|rest| rest.split(END).next())
        .unwrap_or_default();
    let arrows = block.lines().filter_map(|line| line.split_once('→'));
    arrows
        .map(|(package, uses)| {
            let uses = uses
                .split(',')
                .map(str::trim)
                .filter(|name| !name.is_empty() && *name != "nothing");
            (package.trim(), uses.collect())
        })
        .collect()
}

fn real(tree: &Tree) -> Graph<'_> {
    tree.packages()
        .filter_map(|dir| {
            let manifest = tree.text(&format!("{dir}/Cargo.toml"))?;
            let name =
                name(manifest).map_or_else(|| dir.rsplit('/').next(), |name| Some(short(name)))?;
            Some((name, dependencies(manifest)))
        })
        .collect()
}

/// The package's name; its directory may have another.
pub(super) fn name(manifest: &str) -> Option<&str> {
    let value = manifest
        .lines()
        .find_map(|line| line.strip_prefix("name = "))?;
    Some(value.trim_matches('"'))
}

/// The names under `[dependencies]`, of every target, that are not optional.
fn dependencies(manifest: &str) -> BTreeSet<&str> {
    let mut in_section = false;
    let mut names = BTreeSet::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            in_section = line == "[dependencies]" || line.ends_with(".dependencies]");
        } else if in_section && !line.starts_with('#') && !line.contains("optional = true") {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            names.extend((!name.is_empty()).then_some(name));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[package]\nname = \"b\"\n[dependencies]\na.workspace = true\n\
        # why\nlater = { version = \"1\", optional = true }\n\
        [target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n[dev-dependencies]\nd = \"1\"\n";

    fn findings(arrows: &str, manifest: &str) -> Vec<Finding> {
        let drawing = format!("{BEGIN}\n```text\ncore-api → nothing\n{arrows}\n```\n{END}\n");
        find(&Tree::of(&[
            (DRAWING, &drawing),
            ("crates/core-api/Cargo.toml", "[package]\n"),
            ("crates/bump/Cargo.toml", manifest),
        ]))
    }

    #[test]
    fn a_package_is_called_what_its_manifest_says() {
        assert_eq!(name(MANIFEST), Some("b"));
    }

    #[test]
    fn dependencies_are_those_that_are_always_there() {
        assert_eq!(dependencies(MANIFEST), BTreeSet::from(["a", "libc"]));
    }

    #[test]
    fn an_arrow_too_few_or_too_many_is_found() {
        let uses = "[dependencies]\ncore-api.workspace = true\n";
        assert_eq!(findings("bump → core-api", uses), []);
        assert_eq!(findings("bump → nothing", uses).len(), 1);
        assert_eq!(findings("bump → core-api", "[dependencies]\n").len(), 1);
        assert_eq!(findings("", uses).len(), 1, "a package that is not drawn");
        assert_eq!(findings("bump → core-api\ngone → nothing", uses).len(), 1);
    }

    #[test]
    fn a_package_of_the_ladder_is_drawn_by_its_short_name() {
        let uses =
            "[package]\nname = \"malloc-ladder-bump\"\n[dependencies]\ncore-api.workspace = true\n";
        assert_eq!(findings("bump → core-api", uses), []);
        assert_eq!(findings("bump → nothing", uses).len(), 1);
    }

    #[test]
    fn a_dependency_from_outside_is_found_in_a_stage() {
        let uses = "[dependencies]\ncore-api.workspace = true\nspin = \"0.9\"\n";
        assert_eq!(findings("bump → core-api", uses).len(), 1);
    }
}
