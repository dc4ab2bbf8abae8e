//! Files of results: written whole or not at all, and read with a check.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bench_results::{Results, lines};

use super::is_stdout;

/// Finds out before the run whether its results can be kept.
///
/// # Errors
///
/// They cannot; the message names the file and the option `--json`.
pub fn check_writable(path: &Path) -> Result<()> {
    if is_stdout(path) {
        return Ok(());
    }
    let advice = || {
        format!(
            "cannot write {}; name another file with --json",
            path.display()
        )
    };
    make_folder(path).with_context(advice)?;
    if is_special(path) {
        File::options()
            .append(true)
            .open(path)
            .with_context(advice)?;
    } else {
        temporary_beside(path).with_context(advice)?;
    }
    Ok(())
}

/// Writes `text` to `path`, or to standard output for `-`.
///
/// A file appears whole, under its name, when all of it is on disk: whoever reads it sees the old
/// one or the new one, and a full disk leaves the old one.
///
/// # Errors
///
/// The file that cannot be written, and why.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if is_stdout(path) {
        return match io::stdout().write_all(text.as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.context("cannot write to standard output"),
        };
    }
    let written = match is_special(path) {
        true => fs::write(path, text),
        false => replace(path, text),
    };
    written.with_context(|| {
        let kept = if path.is_file() {
            "; what it held before is kept"
        } else {
            ""
        };
        format!("cannot write {}{kept}", path.display())
    })
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    make_folder(path)?;
    // A link stays one: what it points to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut file = temporary_beside(&path)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

fn temporary_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    tempfile::Builder::new()
        .prefix(".bench-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or(Path::new(".")))
}

fn make_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => fs::create_dir_all(folder),
        _ => Ok(()),
    }
}

/// A device or a pipe is written to; it must not be replaced by a file.
pub(crate) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

/// Reads results back, and warns of a file that was cut off.
///
/// # Errors
///
/// A file that cannot be read, that has no results, or those of an earlier version.
pub fn read_results(path: &Path) -> Result<Results> {
    let (results, warning) = lines::read(path)?;
    if let Some(warning) = warning {
        eprintln!("warning: {warning}");
    }
    Ok(results)
}

/// Where the page of the results in `json` goes; nowhere if those are not in a file.
pub(crate) fn page_beside(json: &Path) -> Option<PathBuf> {
    if is_stdout(json) || is_special(json) {
        return None;
    }
    let is_usual = json.file_name() == crate::cli::default_json().file_name();
    Some(match is_usual {
        true => json.with_file_name("report.html"),
        false => json.with_extension("html"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_a_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("a.json"), folder.path().join("b.json"));
        write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&link, "new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(link.is_symlink());
        let n_files = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(n_files, 2, "nothing temporary is left");
    }

    #[test]
    fn a_full_disk_is_an_error_that_names_the_file() {
        let full = Path::new("/dev/full");
        check_writable(full).unwrap();
        let error = format!("{:#}", write(full, "text").unwrap_err());
        assert!(
            error.contains("/dev/full") && error.contains("No space"),
            "{error}"
        );
        assert!(is_special(full), "and it is still a device");
    }

    #[test]
    fn a_file_that_cannot_be_replaced_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("no-folder-but-a-file");
        fs::write(&file, "kept").unwrap();
        assert!(write(&file.join("a.json"), "new").is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
    }

    #[test]
    fn the_page_is_beside_the_json_if_that_is_a_file() {
        let page = page_beside(Path::new("x/parts.json"));
        assert_eq!(page, Some(PathBuf::from("x/parts.html")));
        assert_eq!(page_beside(Path::new("-")), None);
        assert_eq!(page_beside(Path::new("/dev/full")), None);
        let usual = page_beside(&crate::cli::default_json()).unwrap();
        assert!(usual.ends_with("target/bench/report.html"));
    }
}
