//! The packages depend on each other as the architecture draws it.
//!
//! The drawing is the data: a fenced block of lines `package → dependency, …` in the chapter on
//! architecture. Dependencies of tests and benches are not drawn. The ladder's packages are drawn by the
//! names of their directories, by which manifests call them too.

use std::collections::{BTreeMap, BTreeSet};

use xtask_base::tree::{Tree, short};

use super::Finding;
use super::manifest::Manifest;

const DRAWING: &str = "docs/src/architecture.md";
const BEGIN: &str = "<!-- BEGIN dependencies -->";
const END: &str = "<!-- END dependencies -->";

/// What a stage, or what it builds on, may use from outside the workspace.
const MAY_USE: &[(&str, &str)] = &[("os", "libc")];

type Graph = BTreeMap<String, BTreeSet<String>>;

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let real: Graph = tree
        .packages()
        .filter_map(|dir| {
            let manifest = tree.text(&format!("{dir}/Cargo.toml"))?;
            let manifest = Manifest::read(manifest);
            Some((short(manifest.name()?).to_owned(), manifest.dependencies()))
        })
        .collect();
    let drawn = drawn(tree.text(DRAWING).unwrap_or_default());
    let mut findings = foreign(tree, &real);
    let packages: BTreeSet<&String> = real.keys().chain(drawn.keys()).collect();
    for package in packages {
        let ours = |uses: &BTreeSet<String>| -> BTreeSet<String> {
            uses.iter()
                .filter(|name| real.contains_key(*name))
                .cloned()
                .collect()
        };
        let has = real.get(package).map(ours);
        let should = drawn.get(package);
        if has.as_ref() != should {
            let message = format!("`{package}` is drawn with {should:?} and has {has:?}");
            findings.push(Finding::new(DRAWING, 0, message));
        }
    }
    findings
}

/// Stages depend on nothing from outside, but for the exceptions above.
fn foreign(tree: &Tree, real: &Graph) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in tree.stages().chain(["core-api", "os"]) {
        for name in real.get(package).into_iter().flatten() {
            if !real.contains_key(name) && !MAY_USE.contains(&(package, name)) {
                let path = format!("crates/{package}/Cargo.toml");
                let message = format!("a stage does without dependencies, but `{name}` is one");
                findings.push(Finding::new(&path, 0, message));
            }
        }
    }
    findings
}

fn drawn(text: &str) -> Graph {
    let (_, block) = text.split_once(BEGIN).unwrap_or_default();
    let (block, _) = block.split_once(END).unwrap_or_default();
    let arrows = block.lines().filter_map(|line| line.split_once('→'));
    arrows
        .map(|(package, uses)| {
            let uses = uses.split(',').map(str::trim);
            let uses = uses.filter(|name| !["", "nothing"].contains(name));
            (package.trim().to_owned(), uses.map(str::to_owned).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(arrows: &str, dependencies: &str) -> usize {
        let drawing = format!("{BEGIN}\n```text\ncore-api → nothing\n{arrows}\n```\n{END}\n");
        let manifest =
            format!("[package]\nname = \"malloc-ladder-bump\"\n[dependencies]\n{dependencies}");
        let tree = Tree::of(&[
            (DRAWING, &drawing),
            (
                "crates/core-api/Cargo.toml",
                "[package]\nname = \"core-api\"\n",
            ),
            ("crates/bump/Cargo.toml", &manifest),
        ]);
        find(&tree).len()
    }

    #[test]
    fn an_arrow_too_few_or_too_many_is_found() {
        let uses = "core-api.workspace = true\n";
        assert_eq!(findings("bump → core-api", uses), 0);
        assert_eq!(findings("bump → nothing", uses), 1);
        assert_eq!(findings("bump → core-api", ""), 1);
        assert_eq!(findings("", uses), 1, "a package that is not drawn");
        assert_eq!(findings("bump → core-api\ngone → nothing", uses), 1);
    }

    #[test]
    fn a_dependency_from_outside_is_found_in_a_stage() {
        assert_eq!(
            findings(
                "bump → core-api",
                "core-api.workspace = true\nspin = \"0.9\"\n"
            ),
            1
        );
    }
}
