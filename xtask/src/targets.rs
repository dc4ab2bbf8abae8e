//! The stages that need no operating system, checked for targets that are not this machine.

use xtask_base::process::{cargo, line, succeed, target_dir};
use xtask_base::{Result, rustup, tree};

use crate::check::Outcome;
use crate::no_std;

/// 32 bits with an operating system, without one, without compare-and-swap, and in a browser.
const TARGETS: &[&str] = &[
    "i686-unknown-linux-gnu",
    "thumbv7em-none-eabi",
    "thumbv6m-none-eabi",
    "riscv32i-unknown-none-elf",
    "wasm32-unknown-unknown",
];

/// Stages that call Linux.
const LINUX_ONLY: &[&str] = &["mmap-backed", "thread-cached"];

/// Checks them for each target whose core library rustup has installed, or can install now.
pub(crate) fn check() -> Result<Outcome> {
    let missing = missing(&rustup::targets());
    if !missing.is_empty() {
        rustup::install(&[&["target", "add"], &missing[..]].concat());
    }
    let missing = self::missing(&rustup::targets());
    for target in TARGETS.iter().filter(|target| !missing.contains(*target)) {
        check_for(target)?;
    }
    if missing.is_empty() {
        return Ok(Outcome::Passed);
    }
    let missing = missing.join(" ");
    Ok(Outcome::Skipped(format!(
        "needs core for other targets: rustup target add {missing}"
    )))
}

/// Those of the targets that are not among the lines of `installed`.
fn missing(installed: &str) -> Vec<&'static str> {
    let is_missing = |target: &&str| !installed.lines().any(|line| line == *target);
    TARGETS.iter().copied().filter(is_missing).collect()
}

/// Each package with its default features, and then all of them in one library with every feature.
fn check_for(target: &str) -> Result {
    let mut check = cargo(&["check", "--quiet", "--lib", "--target", target]);
    let mut crates = no_std::ladder()?;
    crates.retain(|name| !LINUX_ONLY.contains(&name.as_str()));
    for name in &crates {
        check.args(["-p", &tree::package(name)]);
    }
    check.arg("--target-dir").arg(target_dir().join("targets"));
    println!("$ {}", line(&check));
    succeed(&mut check)?;
    let dir = target_dir().join("no-std-portable");
    let mut check = no_std::in_library(&dir, &crates, &["check", "--quiet"])?;
    succeed(check.args(["--target", target]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_installed_is_missing() {
        assert_eq!(missing(""), TARGETS);
        let installed = "x86_64-unknown-linux-gnu\nwasm32-unknown-unknown\n";
        assert_eq!(missing(installed), TARGETS[..TARGETS.len() - 1]);
        assert!(missing(&TARGETS.join("\n")).is_empty());
    }
}
