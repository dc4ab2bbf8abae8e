//! The preload library, built for a stage.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::process::{self, cargo};
use crate::{Result, data, nearest};

const MANIFEST: &str = "crates/preload/Cargo.toml";

/// Features of the package that are none.
const NO_STAGES: &[&str] = &["default", "std"];

/// The stages that can be preloaded, as the features of the package name them, and the one that
/// serves by default.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stages {
    names: Vec<String>,
    default: String,
}

impl Stages {
    /// Reads the package's manifest.
    pub(crate) fn read() -> Result<Self> {
        let path = process::root().join(MANIFEST);
        let text = process::read(&path)?;
        Self::of(&text).ok_or_else(|| format!("{MANIFEST} names no default stage"))
    }

    fn of(manifest: &str) -> Option<Self> {
        let manifest = data::parse(MANIFEST, manifest).ok()?;
        let features = data::table(&manifest, "features")?;
        let names = features.keys().map(|name| name.get_ref().to_string());
        Some(Self {
            names: names.filter(|name| !NO_STAGES.contains(&&**name)).collect(),
            default: data::texts(features, "default")?.into_iter().next()?,
        })
    }

    /// The stage called `name`, or the default one.
    ///
    /// # Errors
    ///
    /// The message suggests the nearest one.
    pub(crate) fn choose(&self, name: Option<&str>) -> Result<String> {
        let Some(name) = name else {
            return Ok(self.default.clone());
        };
        if self.names.iter().any(|stage| stage == name) {
            return Ok(name.to_owned());
        }
        let names = self.names.iter().map(String::as_str);
        let otherwise = format!("there are {}", self.names.join(", "));
        let hint = nearest::hint(name, names, &otherwise);
        Err(format!("there is no stage `{name}` to preload: {hint}"))
    }
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

    fn stages() -> Stages {
        Stages::of("[package]\n\n# Which.\n[features]\ndefault = [\"b\", \"std\"]\nstd = []\nbump = []\nfree-list = [\"x\"]\n\n[dependencies]\nlibc = \"0\"\n")
            .unwrap()
    }

    #[test]
    fn the_features_are_the_stages() {
        assert_eq!(stages().names, ["bump", "free-list"]);
        assert_eq!(stages().default, "b");
        assert_eq!(stages().choose(None), Ok("b".to_owned()));
        assert_eq!(stages().choose(Some("bump")), Ok("bump".to_owned()));
    }

    #[test]
    fn an_unknown_stage_suggests_the_nearest() {
        let error = stages().choose(Some("freelist")).unwrap_err();
        assert!(error.contains("did you mean `free-list`?"), "{error}");
        let error = stages().choose(Some("xxxxxxxxxxxx")).unwrap_err();
        assert!(error.contains("there are bump, free-list"), "{error}");
    }

    #[test]
    fn the_manifest_has_stages_and_a_default_among_them() {
        let stages = Stages::read().unwrap();
        assert!(stages.names.contains(&stages.default));
        assert!(stages.names.contains(&"bump".to_owned()));
    }
}
