//! Proof that core-api and the stages need no std, without a target that lacks it.
//!
//! A program has one panic handler, and std brings one. A static library of its own panic handler
//! that links every stage therefore compiles only if none of them brings std in, be it by
//! `extern crate`, by a missing `#![no_std]` or through a dependency's default feature.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use xtask_base::Result;
use xtask_base::process::{self, cargo, root, succeed, target_dir};
use xtask_base::tree::{self, Tree};

pub(crate) fn run() -> Result {
    let crates = ladder()?;
    println!("one static library without std: {}", crates.join(", "));
    let mut build = in_library(&target_dir().join("no-std"), &crates, &["build", "--quiet"])?;
    succeed(&mut build)
        .map_err(|error| format!("{error}\na duplicate `panic_impl` means that std is linked"))
}

/// Writes the library of these crates into `dir` and runs cargo in it.
pub(crate) fn in_library(dir: &Path, crates: &[String], args: &[&str]) -> Result<Command> {
    write(dir, crates).map_err(|error| format!("{}: {error}", dir.display()))?;
    // Resolving against the workspace's own lock file keeps the versions and needs no network.
    let lock = (root().join("Cargo.lock"), dir.join("Cargo.lock"));
    fs::copy(&lock.0, &lock.1).map_err(|error| format!("{}: {error}", lock.0.display()))?;
    let mut command = cargo(args);
    command
        .current_dir(dir)
        .env("CARGO_TARGET_DIR", dir.join("target"));
    Ok(command)
}

/// core-api and every stage, by their directories' names.
pub(crate) fn ladder() -> Result<Vec<String>> {
    let tree = Tree::read(&root())?;
    let stages = tree.stages().map(str::to_owned);
    Ok(["core-api".to_owned()].into_iter().chain(stages).collect())
}

/// What core-api has for targets of all kinds.
const FEATURES: &[&str] = &[
    "allocator-api2-02",
    "allocator-api2-03",
    "allocator-api2-04",
    "critical-section",
    "lock_api",
];

/// The allocator of a program on a target that may lack compare-and-swap.
const GLOBAL: &str = "
use coalescing::CoalescingHeap;
use core_api::{Locked, StaticHeap};

static MEMORY: StaticHeap<1024> = StaticHeap::new();

#[global_allocator]
static HEAP: Locked<CoalescingHeap<&StaticHeap<1024>>> = Locked::new(CoalescingHeap::new(&MEMORY));

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
";

/// Writes a package that depends on `crates` and on the front door to them into `dir`.
fn write(dir: &Path, crates: &[String]) -> std::io::Result<()> {
    let mut manifest = String::from(
        "[package]\nname = \"no-std\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"staticlib\"]\n\n\
         [profile.dev]\npanic = \"abort\"\n\n[workspace]\n\n[dependencies]\n",
    );
    let mut source = String::from("#![no_std]\n");
    let dir_of = |name: &str| process::root().join("crates").join(name);
    for name in crates {
        let (package, path) = (tree::package(name), dir_of(name));
        let features = match name.as_str() {
            "core-api" => FEATURES,
            _ => &[],
        };
        let _ = writeln!(
            manifest,
            "{package} = {{ path = {path:?}, features = {features:?} }}"
        );
        let _ = writeln!(source, "use {} as _;", name.replace('-', "_"));
    }
    let stages: Vec<&String> = crates.iter().filter(|name| *name != "core-api").collect();
    let path = dir_of("malloc-ladder");
    let _ = writeln!(
        manifest,
        "malloc-ladder = {{ path = {path:?}, default-features = false, features = {stages:?} }}"
    );
    source += "use malloc_ladder as _;\n";
    source += GLOBAL;
    fs::create_dir_all(dir.join("src"))?;
    fs::write(dir.join("Cargo.toml"), manifest)?;
    fs::write(dir.join("src/lib.rs"), source)
}
