//! What the tests run: the library, for each stage, and programs from `tests/c`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::installed;

/// The library for the stage that serves by default.
pub(crate) fn library() -> PathBuf {
    library_of("thread-cached")
}

/// The library for a stage, with checks of arithmetic, built by cargo in a directory of its own:
/// cargo builds a library that nothing can link for no test.
pub(crate) fn library_of(stage: &str) -> PathBuf {
    build(stage)
}

/// The library as `cargo xtask run` and `install` build it: optimised as a whole, without std.
pub(crate) fn released() -> PathBuf {
    let library = out_dir().join("libpreload.so");
    let installed = installed::prefix().join("lib/libmalloc_ladder.so");
    // Programs know it by its own name.
    fs::copy(installed, &library).expect("room for a copy");
    library
}

/// Built once by this process. All stages share one directory, so that what they have in common is built
/// once; cargo puts each in the same place, from where it is copied before the next one is built.
fn build(stage: &str) -> PathBuf {
    static BUILT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let target = build_dir().join("stages");
    let folder = target.join(stage);
    let library = folder.join("libpreload.so");
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    if built.contains(&library) {
        return library;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--lib", "--profile", "test"])
        .args(["--no-default-features", "--features", stage])
        .arg("--target-dir")
        .arg(&target)
        // For one that is built once, cargo would keep much that nobody asks for again.
        .env("CARGO_INCREMENTAL", "0")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "cargo builds the library for {stage}");
    fs::create_dir_all(&folder).expect("a directory");
    fs::copy(target.join("debug/libpreload.so"), &library).expect("room for a copy");
    built.insert(library.clone());
    library
}

/// `target/debug` or its like: the directory above that of this test.
fn build_dir() -> PathBuf {
    let test = std::env::current_exe().expect("this test is a file");
    let deps = test.parent().expect("it lies in a directory");
    deps.parent().expect("that of a profile").to_owned()
}

/// A program or library from `tests/c`, compiled once; `None`, with a line about it, if there is no
/// compiler.
pub(crate) fn compiled(source: &str, args: &[&str]) -> Option<PathBuf> {
    let compiler = if source.ends_with(".cc") { "c++" } else { "cc" };
    if Command::new(compiler).arg("--version").output().is_err() {
        println!("skipped: there is no `{compiler}`");
        return None;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/c")
        .join(source);
    let name = source.file_stem().expect("a file").to_string_lossy();
    let output = out_dir().join(name.as_ref());
    // No built-in `malloc`: pairs that the compiler sees through would never be called.
    let status = Command::new(compiler)
        .args([
            "-O1",
            "-g",
            "-fno-builtin",
            "-Wall",
            "-Wno-unused-result",
            "-pthread",
        ])
        .args([
            "-Wno-use-after-free",
            "-Wno-deprecated-declarations",
            "-Wno-alloc-size-larger-than",
        ])
        .args(args)
        .arg("-o")
        .arg(&output)
        .arg(&source)
        .arg("-ldl")
        .status()
        .expect("the compiler runs");
    assert!(status.success(), "{} compiles", source.display());
    Some(output)
}

/// A fresh directory for what this run compiles.
fn out_dir() -> &'static Path {
    static DIR: OnceLock<tempfile::TempDir> = OnceLock::new();
    DIR.get_or_init(|| tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory"))
        .path()
}

/// A [`compiled`] program, once for all tests.
pub(crate) struct Program(OnceLock<Option<PathBuf>>, &'static str);

impl Program {
    /// The program from `source`.
    pub(crate) const fn new(source: &'static str) -> Self {
        Self(OnceLock::new(), source)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.get_or_init(|| compiled(self.1, &[])).as_deref()
    }
}

/// The C family.
pub(crate) static CONFORMANCE: Program = Program::new("conformance.c");
/// Threads, forks, ends.
pub(crate) static LIFECYCLE: Program = Program::new("lifecycle.c");
/// What comes before the first request.
pub(crate) static EARLY: Program = Program::new("early.c");
/// C++'s operators.
pub(crate) static OPERATORS: Program = Program::new("operators.cc");
/// Mappings, first calls, forks, thread locals.
pub(crate) static FAULTS: Program = Program::new("faults.c");
/// System calls that are refused.
pub(crate) static CONFINED: Program = Program::new("confined.c");
/// What is freed after `main`.
pub(crate) static AFTER_MAIN: Program = Program::new("after_main.cc");
