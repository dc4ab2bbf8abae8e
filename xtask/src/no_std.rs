//! Proof that core-api and the stages need no std, without a target that lacks it.
//!
//! A program has one panic handler, and std brings one. A static library of its own panic handler
//! that links every stage therefore compiles only if none of them brings std in, be it by
//! `extern crate`, by a missing `#![no_std]` or through a dependency's default feature.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::Result;
use crate::process::{self, cargo, root, succeed, target_dir};
use crate::tree::Tree;

pub(crate) fn run() -> Result {
    let packages = packages()?;
    println!("one static library without std: {}", packages.join(", "));
    let dir = target_dir().join("no-std");
    write(&dir, &packages).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut build = cargo(&["build", "--quiet"]);
    // Resolving against the workspace's own lock file keeps the versions and needs no network.
    let lock = (root().join("Cargo.lock"), dir.join("Cargo.lock"));
    fs::copy(&lock.0, &lock.1).map_err(|error| format!("{}: {error}", lock.0.display()))?;
    succeed(
        build
            .current_dir(&dir)
            .env("CARGO_TARGET_DIR", dir.join("target")),
    )
    .map_err(|error| format!("{error}\na duplicate `panic_impl` means that std is linked"))
}

/// core-api and every stage.
pub(crate) fn packages() -> Result<Vec<String>> {
    let tree = Tree::read(&root())?;
    let stages = tree.stages().map(str::to_owned);
    Ok(["core-api".to_owned()].into_iter().chain(stages).collect())
}

/// Writes a package that depends on `packages` into `dir`.
fn write(dir: &Path, packages: &[String]) -> std::io::Result<()> {
    let mut manifest = String::from(
        "[package]\nname = \"no-std\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"staticlib\"]\n\n\
         [profile.dev]\npanic = \"abort\"\n\n[workspace]\n\n[dependencies]\n",
    );
    let mut source = String::from("#![no_std]\n");
    for package in packages {
        let path = process::root().join("crates").join(package);
        let _ = writeln!(manifest, "{package} = {{ path = {path:?} }}");
        let _ = writeln!(source, "use {} as _;", package.replace('-', "_"));
    }
    source += "#[panic_handler]\nfn panic(_: &core::panic::PanicInfo<'_>) -> ! {\n    loop {}\n}\n";
    fs::create_dir_all(dir.join("src"))?;
    fs::write(dir.join("Cargo.toml"), manifest)?;
    fs::write(dir.join("src/lib.rs"), source)
}
