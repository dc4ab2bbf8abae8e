//! Commands in docs exist, and CI runs what the README says.

use super::Finding;
use crate::help;
use crate::tree::Tree;

const CI: &str = ".ci/run";
const README: &str = "README.md";

/// The README's two commands: the main job, and the tests, which CI runs.
const MAIN_JOB: &str = "cargo xtask bench";
const TESTS: &str = "cargo xtask check";

pub(super) fn find(tree: &Tree) -> Vec<Finding> {
    let mut findings = unknown(tree);
    if tree.has(README) {
        findings.extend(missing(tree));
    }
    if let Some(script) = tree.text(CI) {
        findings.extend(ci(script));
    }
    findings
}

/// Every `cargo xtask WORD`, in any text.
fn unknown(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let pages = help::pages();
    for (path, text) in tree.ending(".md").chain(tree.ending(".rs")) {
        for (index, line) in text.lines().enumerate() {
            for word in
                subcommands(line).filter(|word| !pages.iter().any(|page| page.name == *word))
            {
                let message = format!("there is no command `cargo xtask {word}`");
                findings.push(Finding::new(path, index + 1, message));
            }
        }
    }
    findings
}

/// The words after `cargo xtask` in a line, in small letters: others stand for something.
fn subcommands(line: &str) -> impl Iterator<Item = &str> {
    line.split("cargo xtask ").skip(1).filter_map(|rest| {
        let word = rest.split(|c: char| !c.is_ascii_lowercase()).next()?;
        (!word.is_empty()).then_some(word)
    })
}

/// The README shows both commands as commands: alone on a line of a code block.
fn missing(tree: &Tree) -> Vec<Finding> {
    let readme = tree.text(README).unwrap_or_default();
    let shows = |command: &str| {
        readme
            .lines()
            .any(|line| line.split('#').next().unwrap_or("").trim() == command)
    };
    [MAIN_JOB, TESTS]
        .iter()
        .filter(|command| !shows(command))
        .map(|command| Finding::new(README, 0, format!("`{command}` is not shown")))
        .collect()
}

/// The script sets its options, goes to the root and runs the README's test command.
fn ci(script: &str) -> Vec<Finding> {
    let is_setup = |line: &&str| {
        !line.is_empty()
            && !line.starts_with('#')
            && !line.starts_with("set ")
            && !line.starts_with("cd ")
    };
    let commands: Vec<&str> = script.lines().map(str::trim).filter(is_setup).collect();
    if commands == [TESTS] {
        return Vec::new();
    }
    vec![Finding::new(
        CI,
        0,
        format!("runs {commands:?}, not the README's `{TESTS}`"),
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOWN: &str = "```sh\ncargo xtask bench   # why\ncargo xtask check\n```\n";

    #[test]
    fn a_command_that_does_not_exist_is_found() {
        let line = concat!(
            "run `cargo xtask ",
            "frobnicate` or `cargo xtask ",
            "tidy --list`\n"
        );
        assert_eq!(find(&Tree::of(&[("a.md", line)])).len(), 1);
        assert_eq!(
            find(&Tree::of(&[(
                "a.md",
                "cargo xtask COMMAND, cargo xtask --help\n"
            )])),
            []
        );
    }

    #[test]
    fn a_readme_without_its_two_commands_is_found() {
        assert_eq!(find(&Tree::of(&[(README, SHOWN)])), []);
        assert_eq!(
            find(&Tree::of(&[(README, "`cargo xtask bench`\n")])).len(),
            2
        );
    }

    #[test]
    fn ci_runs_the_test_command_and_nothing_else() {
        let script = "#!/usr/bin/env bash\nset -euo pipefail\ncd \"$(dirname \"$0\")/..\"\ncargo xtask check\n";
        assert_eq!(ci(script), []);
        assert_eq!(ci("cargo test\n").len(), 1);
        assert_eq!(ci("cargo xtask check\ncargo test\n").len(), 1);
    }
}
