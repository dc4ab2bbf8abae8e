//! A copy of the workspace that can be brought back to the original.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::tree::Tree;

pub(super) struct Copy {
    dir: PathBuf,
}

impl Copy {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes the copy equal to the original: the files that differ are written, and those that
    /// tests or an earlier fault left behind are removed. Others keep their time of change, by
    /// which cargo decides what to compile.
    pub(super) fn restore(&self, original: &Tree) -> Result {
        let failed = |error: io::Error| format!("{}: {error}", self.dir.display());
        fs::create_dir_all(&self.dir).map_err(failed)?;
        self.remove_seeds(&self.dir).map_err(failed)?;
        let present = Tree::read(&self.dir)?;
        for (path, _) in present.files().filter(|(path, _)| !original.has(path)) {
            fs::remove_file(self.dir.join(path)).map_err(failed)?;
        }
        for (path, bytes) in original.files() {
            if present.bytes(path) != Some(bytes) {
                self.write(path, bytes)?;
            }
        }
        Ok(())
    }

    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result {
        let to = self.dir.join(path);
        let write = |to: &Path| {
            fs::create_dir_all(to.parent().unwrap_or(to))?;
            fs::write(to, bytes)
        };
        write(&to).map_err(|error| format!("{}: {error}", to.display()))
    }

    /// A failing property test stores its seed; the next fault must be found without it.
    fn remove_seeds(&self, dir: &Path) -> io::Result<()> {
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                continue;
            }
            if entry.file_name() == crate::tree::SEEDS {
                fs::remove_dir_all(entry.path())?;
            } else {
                self.remove_seeds(&entry.path())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_comes_back_to_the_original() {
        let dir = std::env::temp_dir().join(format!("xtask-copy-{}", std::process::id()));
        let copy = Copy::new(dir.clone());
        let original = Tree::of(&[("a/b.rs", "one"), ("c.md", "two")]);
        copy.restore(&original).unwrap();
        let written = fs::metadata(dir.join("c.md")).unwrap().modified().unwrap();

        copy.write("a/b.rs", b"changed").unwrap();
        copy.write("a/stray.rs", b"").unwrap();
        copy.write("a/proptest-regressions/seed.txt", b"").unwrap();
        copy.restore(&original).unwrap();

        let now = Tree::read(&dir).unwrap();
        assert_eq!(now.text("a/b.rs"), Some("one"));
        assert!(!now.has("a/stray.rs"));
        assert!(!dir.join("a/proptest-regressions").exists());
        let unchanged = fs::metadata(dir.join("c.md")).unwrap().modified().unwrap();
        assert_eq!(written, unchanged);
        fs::remove_dir_all(&dir).unwrap();
    }
}
