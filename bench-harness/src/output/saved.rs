//! Runs kept under a name.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use bench_results::{Results, lines};

use super::write;
use crate::select::workspace;

/// Keeps `results` as `name` and returns the file.
///
/// # Errors
///
/// A name that is no plain file name, or a file that cannot be written.
pub fn save(name: &str, results: &Results) -> Result<PathBuf> {
    let path = path_of(name)?;
    write(&path, &lines::of(results)?)?;
    Ok(path)
}

/// The file of `baseline`: one that was saved under this name, or a file of that name.
///
/// # Errors
///
/// There is neither.
pub fn find(baseline: &str) -> Result<PathBuf> {
    let saved = path_of(baseline).ok().filter(|path| path.is_file());
    let file = Some(PathBuf::from(baseline)).filter(|path| path.is_file());
    match saved.or(file) {
        Some(path) => Ok(path),
        None => bail!(
            "no run is saved as `{baseline}` and there is no such file; \
             `cargo xtask bench --save {baseline}` saves one"
        ),
    }
}

/// Where `name` is kept.
///
/// # Errors
///
/// A name that is no plain file name.
pub(crate) fn path_of(name: &str) -> Result<PathBuf> {
    let is_plain = Path::new(name).file_name().is_some_and(|file| file == name);
    if !is_plain || name.starts_with('.') {
        bail!("`{name}` is no name to save a run under: letters, digits, `-` and `_` are");
    }
    let folder = workspace().join("target/bench/saved");
    Ok(folder.join(format!("{name}.jsonl")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_a_path() {
        assert!(path_of("before").unwrap().ends_with("saved/before.jsonl"));
        for name in ["", "..", "../x", "a/b", "/x", ".hidden"] {
            assert!(path_of(name).is_err(), "{name}");
        }
    }

    #[test]
    fn an_unknown_baseline_says_how_to_save_one() {
        let error = find("never-saved").unwrap_err().to_string();
        assert!(error.contains("--save never-saved"), "{error}");
    }
}
