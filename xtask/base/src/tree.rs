//! The workspace's files, read once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::Result;

/// What is made from the sources, or keeps them; `.git` is a file in a linked work tree.
const GENERATED: &[&str] = &[
    ".git",
    "target",
    "docs/book",
    "docs/builder/target",
    "embedded/target",
    "bench-harness/c-peers/target",
    "bench-harness/size/target",
    "bench-harness/wasm/target",
    "bench-harness/fuzz/target",
    "bench-harness/fuzz/corpus",
    "bench-harness/fuzz/artifacts",
];

/// Packages outside the workspace, which is not drawn with them.
const OWN_WORKSPACES: &[&str] = &[
    "bench-harness/c-peers",
    "bench-harness/fuzz",
    "bench-harness/size",
    "bench-harness/wasm",
    "docs/builder",
    "embedded",
    "exercises/template",
];

/// What the names of the ladder's packages begin with. Their directories and libraries do without it.
const PREFIX: &str = "malloc-ladder-";

/// The crates in `crates` that are no rung of the ladder.
const NO_STAGES: &[&str] = &["core-api", "malloc-ladder", "os", "preload"];

/// Where a failing property test keeps its seed, until the failure is understood.
pub const SEEDS: &str = "proptest-regressions";

/// Paths from the workspace's root, with `/`, and their contents.
#[derive(Debug, Default)]
pub struct Tree {
    files: BTreeMap<String, Vec<u8>>,
}

impl Tree {
    /// Reads every file under `root` but the generated ones.
    pub fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_dir(root, "")?;
        Ok(tree)
    }

    fn read_dir(&mut self, root: &Path, dir: &str) -> Result {
        let full = root.join(dir);
        let failed = |error| format!("cannot read {}: {error}", full.display());
        for entry in fs::read_dir(&full).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if dir.is_empty() {
                name.clone()
            } else {
                format!("{dir}/{name}")
            };
            let kind = entry.file_type().map_err(failed)?;
            if GENERATED.contains(&path.as_str()) || name == SEEDS {
                continue;
            } else if kind.is_dir() {
                self.read_dir(root, &path)?;
            } else if kind.is_file() {
                self.files
                    .insert(path, fs::read(entry.path()).map_err(failed)?);
            }
        }
        Ok(())
    }

    /// Every file, with its bytes.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Every text file, with its text.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files()
            .filter_map(|(path, bytes)| Some((path, str::from_utf8(bytes).ok()?)))
    }

    /// The text files whose name ends in `suffix`.
    pub fn ending<'a>(&'a self, suffix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts().filter(move |(path, _)| path.ends_with(suffix))
    }

    /// The contents of one file.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        str::from_utf8(self.bytes(path)?).ok()
    }

    /// Whether `path` is a file or a directory of the tree.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let inside = format!("{path}/");
        self.files.contains_key(path) || self.files.keys().any(|file| file.starts_with(&inside))
    }

    /// The directories that are packages: `crates/bump` and so on, without the virtual root.
    pub fn packages(&self) -> impl Iterator<Item = &str> {
        self.files
            .keys()
            .filter_map(|path| path.strip_suffix("/Cargo.toml"))
            .filter(|dir| !OWN_WORKSPACES.iter().any(|own| dir.starts_with(own)))
    }

    /// The crates of the ladder: every package right in `crates` but the vocabulary, the calls to Linux, the front door and the
    /// library for C.
    pub fn stages(&self) -> impl Iterator<Item = &str> {
        self.packages()
            .filter_map(|dir| dir.strip_prefix("crates/"))
            .filter(|name| !name.contains('/') && !NO_STAGES.contains(name))
    }

    /// A tree of these files, for tests.
    #[must_use]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| (path.to_string(), text.as_bytes().to_vec()))
            .collect();
        Self { files }
    }
}

/// Writes the files that differ into `dir`: others keep their time of change, by which cargo decides what to compile.
pub fn write<'a>(dir: &Path, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result {
    for (path, bytes) in files {
        let to = dir.join(path);
        if fs::read(&to).is_ok_and(|present| present == bytes) {
            continue;
        }
        let made = fs::create_dir_all(to.parent().unwrap_or(dir));
        made.and_then(|()| fs::write(&to, bytes))
            .map_err(|error| format!("cannot write {}: {error}", to.display()))?;
    }
    Ok(())
}

/// What cargo calls core-api or a stage.
pub fn package(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// The name of a package without what all of the ladder's begin with.
pub fn short(package: &str) -> &str {
    package.strip_prefix(PREFIX).unwrap_or(package)
}

/// `relative` as seen from `dir`, with `.` and `..` resolved; `None` above the root.
pub fn join(dir: &str, relative: &str) -> Option<String> {
    let mut parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The directory that holds `path`; empty for the root's own files.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn join_resolves_dots_and_stays_inside() {
        assert_eq!(
            join("docs/src", "../../README.md").as_deref(),
            Some("README.md")
        );
        assert_eq!(join("", "./a/b").as_deref(), Some("a/b"));
        assert_eq!(join("docs", "../../up"), None);
    }

    #[test]
    fn a_directory_is_there_if_a_file_is_in_it() {
        let tree = Tree::of(&[("crates/bump/src/lib.rs", "")]);
        assert!(tree.has("crates/bump"));
        assert!(tree.has("crates/bump/"));
        assert!(!tree.has("crates/bu"));
    }

    #[test]
    fn the_vocabulary_and_the_front_door_are_no_stages() {
        let of = |name| (format!("crates/{name}/Cargo.toml"), String::new());
        let files = ["bump", "core-api", "malloc-ladder", "preload"].map(of);
        let files = files
            .each_ref()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        assert!(Tree::of(&files).stages().eq(["bump"]));
    }

    #[test]
    fn a_package_s_short_name_is_its_directory_s() {
        assert_eq!(short(&package("bump")), "bump");
        assert_eq!(short("xtask"), "xtask");
        assert_eq!(short("malloc-ladder"), "malloc-ladder");
    }

    #[test]
    fn the_workspace_reads_without_what_is_built() {
        let tree = Tree::read(&crate::process::root()).unwrap();
        assert!(tree.has("xtask/base/src/tree.rs"));
        assert!(!tree.has("target"));
    }
}
