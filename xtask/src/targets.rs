//! The stages that need no operating system, checked for targets that are not this machine.

use crate::Result;
use crate::check::Outcome;
use crate::no_std;
use crate::process::{cargo, command, line, succeed, target_dir};

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

/// Checks them for each target whose core library rustup has installed.
pub(crate) fn check() -> Result<Outcome> {
    let installed = installed();
    let is_installed = |target: &&&str| installed.lines().any(|line| line == **target);
    let here = TARGETS.iter().filter(is_installed);
    let here: Vec<&str> = here.copied().collect();
    for target in &here {
        check_for(target)?;
    }
    let missing = TARGETS.iter().filter(|target| !here.contains(*target));
    let missing: Vec<&str> = missing.copied().collect();
    if here.is_empty() {
        let targets = missing.join(" ");
        return Ok(Outcome::Skipped(format!(
            "needs one: rustup target add {targets}"
        )));
    }
    if !missing.is_empty() {
        println!("not installed: {}", missing.join(", "));
    }
    Ok(Outcome::Passed)
}

/// What rustup says; nothing where it is not installed.
fn installed() -> String {
    let output = command("rustup")
        .args(["target", "list", "--installed"])
        .output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

/// Each package with its default features, and then all of them in one library with every feature.
fn check_for(target: &str) -> Result {
    let mut check = cargo(&["check", "--quiet", "--lib", "--target", target]);
    let mut packages = no_std::packages()?;
    packages.retain(|name| !LINUX_ONLY.contains(&name.as_str()));
    for name in &packages {
        check.args(["-p", name]);
    }
    println!("$ {}", line(&check));
    succeed(&mut check)?;
    let dir = target_dir().join("no-std-portable");
    let mut check = no_std::in_library(&dir, &packages, &["check", "--quiet"])?;
    succeed(check.args(["--target", target]))
}
