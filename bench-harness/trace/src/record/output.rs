//! Where the traces go.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{RecordError, Recorded, Recording, library};

/// Where the traces go.
pub(super) struct Output {
    /// The file for the process with most calls, if one was named.
    file: Option<PathBuf>,
    directory: PathBuf,
}

impl Output {
    /// Finds the place and makes sure that it can be written to.
    pub(super) fn new(file: Option<PathBuf>) -> Result<Self, RecordError> {
        let directory = match &file {
            Some(file) => directory_of(file),
            None => library::workspace().join("target").join("traces"),
        };
        let probe = || {
            if file.as_deref().is_some_and(Path::is_dir) {
                return Err(io::Error::from(io::ErrorKind::IsADirectory));
            }
            fs::create_dir_all(&directory)?;
            tempfile::tempfile_in(&directory).map(drop)?;
            fs::canonicalize(&directory)
        };
        match probe() {
            Ok(directory) => Ok(Self { file, directory }),
            Err(error) => Err(RecordError::Output(file.unwrap_or(directory), error)),
        }
    }

    /// The directory, from the root on: a recorded program may change its own.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Writes the recordings, that with most calls first.
    pub(super) fn write_all(
        &self,
        recordings: Vec<Recording>,
    ) -> Result<Vec<Recorded>, RecordError> {
        let mut recorded = Vec::new();
        for recording in recordings {
            let path = match &self.file {
                Some(file) if recorded.is_empty() => file.clone(),
                _ => self.fresh_path(&recording)?,
            };
            recording.trace.write(&path)?;
            recorded.push(Recorded::new(path, recording));
        }
        Ok(recorded)
    }

    /// `PROGRAM-PID.trace`, numbered where a process executed the same program again.
    fn fresh_path(&self, recording: &Recording) -> Result<PathBuf, RecordError> {
        let stem = format!("{}-{}", recording.trace.name, recording.pid);
        let mut path = self.directory.join(format!("{stem}.trace"));
        for number in 2.. {
            match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(RecordError::Output(path, error)),
                Ok(_) => break,
            }
            path = self.directory.join(format!("{stem}-{number}.trace"));
        }
        Ok(path)
    }
}

fn directory_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(directory) if directory != Path::new("") => directory.to_owned(),
        _ => PathBuf::from("."),
    }
}
