//! The results of a run that was interrupted: beside those of the last whole run, never in their place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::file::is_special;
use super::is_stdout;

/// Where the partial results go of a run whose whole results go to `path`: `bench.partial.json` for
/// `bench.json`. `None` if `path` is no file.
pub(crate) fn partial_beside(path: &Path) -> Option<PathBuf> {
    if is_stdout(path) || is_special(path) {
        return None;
    }
    let mut name = path.file_stem()?.to_os_string();
    name.push(".partial");
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    Some(path.with_file_name(name))
}

/// Removes a file that may not be there.
///
/// # Errors
///
/// It is there and cannot be removed.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partial_results_have_a_name_that_says_so() {
        let partial = |path: &str| partial_beside(Path::new(path));
        assert_eq!(
            partial("x/bench.json"),
            Some(PathBuf::from("x/bench.partial.json"))
        );
        assert_eq!(partial("rows"), Some(PathBuf::from("rows.partial")));
        assert_eq!(partial("-"), None);
        assert_eq!(partial("/dev/full"), None);
    }
}
