//! The places for the traces.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{RecordError, library};
use crate::whole_file::{check_place, plain};

/// The places for the traces.
pub(super) struct Output {
    /// The file for the named program, if the user chose one.
    file: Option<PathBuf>,
    directory: PathBuf,
}

impl Output {
    /// Finds the place and makes sure that it can be written. Creates no folder but our own.
    pub(super) fn new(file: Option<PathBuf>) -> Result<Self, RecordError> {
        let directory = match &file {
            Some(file) => directory_of(file),
            None => library::workspace().join("target").join("traces"),
        };
        let probe = || {
            match &file {
                Some(file) => check(file)?,
                None => fs::create_dir_all(&directory)?,
            }
            let directory = fs::canonicalize(&directory)?;
            tempfile::tempfile_in(&directory).map_err(plain)?;
            Ok(directory)
        };
        match probe() {
            Ok(directory) => Ok(Self { file, directory }),
            Err(error) => Err(RecordError::Output(file.unwrap_or(directory), error)),
        }
    }

    /// Returns the directory as an absolute path, because a recorded program may change its working directory.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns the file that the user chose, else the file for a trace called `stem`.
    pub(super) fn expected(&self, stem: &str) -> PathBuf {
        let usual = || self.directory.join(format!("{stem}.trace"));
        self.file.clone().unwrap_or_else(usual)
    }

    /// As [`expected`](Self::expected), with a number if the file for `stem` exists already.
    pub(super) fn choose(&self, stem: &str) -> Result<PathBuf, RecordError> {
        match &self.file {
            Some(file) => Ok(file.clone()),
            None => fresh_path(&self.directory, stem),
        }
    }
}

/// Returns the folder beside `file` for the traces of other processes.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(".d");
    name.into()
}

/// Makes sure that neither the file's place nor the folder's holds something else.
fn check(file: &Path) -> io::Result<()> {
    let folder = folder_of(file);
    match folder.metadata() {
        Ok(there) if !there.is_dir() => {
            let what = format!(
                "{} is for the traces of other processes, but is not a folder",
                folder.display()
            );
            Err(io::Error::other(what))
        }
        _ => check_place(file),
    }
}

/// Creates `STEM.trace`, with a number if a process executed the same program again.
pub(super) fn fresh_path(directory: &Path, stem: &str) -> Result<PathBuf, RecordError> {
    let mut path = directory.join(format!("{stem}.trace"));
    for number in 2.. {
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(RecordError::Output(path, error)),
            Ok(_) => break,
        }
        path = directory.join(format!("{stem}-{number}.trace"));
    }
    Ok(path)
}

fn directory_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(directory) if directory != Path::new("") => directory.to_owned(),
        _ => PathBuf::from("."),
    }
}
