//! The preload library, built for a stage.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use xtask_base::process::{self, cargo};
use xtask_base::{Result, nearest};

/// The stages that can be preloaded: features of the package `preload`.
const STAGES: &[&str] = &[
    "bump",
    "freelist",
    "first-fit",
    "next-fit",
    "best-fit",
    "worst-fit",
    "coalescing",
    "mmap-backed",
    "thread-cached",
    "hardened",
];

/// The stage that serves if none is named: the default one of the package.
const DEFAULT: &str = "thread-cached";

/// The stage called `name`, or the default one.
///
/// # Errors
///
/// The message suggests the nearest one.
pub(crate) fn stage(name: Option<&str>) -> Result<&'static str> {
    let name = name.unwrap_or(DEFAULT);
    let unknown = format!("there is no stage `{name}` to preload");
    let otherwise = format!("there are {}", STAGES.join(", "));
    nearest::find(name, STAGES, |stage| stage, &unknown, &otherwise).copied()
}

/// Builds the library for a stage and returns where it is. Each stage has a directory of its own, so
/// that going from one to another builds nothing again.
pub(crate) fn build(stage: &str, verbose: bool) -> Result<PathBuf> {
    if !cfg!(target_os = "linux") {
        return Err(
            "LD_PRELOAD, futex and mremap are Linux\u{2019}s: nothing is preloaded elsewhere"
                .to_owned(),
        );
    }
    let target = process::target_dir().join("preload").join(stage);
    let library = target.join("release/libpreload.so");
    let mut build = cargo(&["rustc", "--release", "--lib", "-p", "preload"]);
    build
        .args(["--no-default-features", "--features", stage])
        .arg("--target-dir")
        .arg(&target);
    if verbose {
        eprintln!("$ {}", process::line(&build));
    } else {
        build.arg("--quiet");
        if !library.exists() {
            eprintln!("building the library for {stage}, once");
        }
    }
    // Always, so that none of the commands has to build it anew for another.
    let object = object_beside(&library);
    let mut emit = OsString::from("--emit=obj=");
    emit.push(&object);
    process::succeed(build.arg("--").arg(emit))?;
    Ok(library)
}

/// The same code as one object file, beside a library that was built.
pub(crate) fn object_beside(library: &Path) -> PathBuf {
    library.with_file_name("malloc_ladder.o")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_stage_suggests_the_nearest() {
        assert_eq!(stage(None), Ok("thread-cached"));
        assert_eq!(stage(Some("bump")), Ok("bump"));
        let error = stage(Some("frelist")).unwrap_err();
        assert!(error.contains("did you mean `freelist`?"), "{error}");
        let error = stage(Some("xxxxxxxxxxxxxxxx")).unwrap_err();
        assert!(error.contains("there are bump, freelist"), "{error}");
    }

    #[test]
    fn the_stages_are_those_of_the_manifest() {
        let manifest = process::read(&process::root().join("crates/preload/Cargo.toml")).unwrap();
        let (_, features) = manifest.split_once("\n[features]\n").unwrap();
        let (features, _) = features.split_once("\n[").unwrap();
        let features = features.lines().filter_map(|line| line.split_once(" = "));
        let mut stages = STAGES.to_vec();
        for (name, value) in features.filter(|(name, _)| *name != "std") {
            match name {
                "default" => assert!(value.starts_with(&format!("[\"{DEFAULT}\""))),
                stage => assert_eq!(stages.remove(0), stage),
            }
        }
        assert_eq!(stages, [""; 0]);
    }
}
