//! [`WholeFile`]: a file that appears whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is written beside its place, and moved there when it is whole.
///
/// If it is dropped before [`commit`](Self::commit), it leaves nothing behind, and an older file in its place
/// stays.
#[derive(Debug)]
pub struct WholeFile {
    partial: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl WholeFile {
    /// Begins a file that [`commit`](Self::commit) moves to `path`.
    ///
    /// # Errors
    ///
    /// The file system refuses, or there is something at `path` that is not a regular file, such as a device.
    pub fn create(path: &Path) -> io::Result<Self> {
        check_place(path)?;
        let directory = match path.parent() {
            Some(directory) if directory != Path::new("") => directory,
            _ => Path::new("."),
        };
        let partial = tempfile::Builder::new()
            .prefix(".partial-")
            .permissions(permissions())
            .tempfile_in(directory)
            .map_err(plain)?;
        Ok(Self {
            partial: BufWriter::new(partial),
            path: path.to_owned(),
        })
    }

    /// Moves the file to its place.
    ///
    /// # Errors
    ///
    /// The file system refuses; nothing is left behind.
    pub fn commit(self) -> io::Result<()> {
        let partial = self
            .partial
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        let _: File = partial.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

/// Makes sure that there is nothing at `path`, or a file that may be replaced.
pub(crate) fn check_place(path: &Path) -> io::Result<()> {
    match path.metadata() {
        Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => Err(io::Error::other("it is no regular file")),
        _ => Ok(()),
    }
}

/// Reduces an error to the operating system's error: `tempfile` adds the path of a temporary file, whose name
/// means nothing to the user.
pub(crate) fn plain(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source());
    let plain = inner.and_then(|inner| inner.downcast_ref::<io::Error>());
    let number = plain.and_then(io::Error::raw_os_error);
    number.map_or(error, io::Error::from_raw_os_error)
}

/// Returns the permissions of any new file; the process's mask narrows them.
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.partial.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.partial.flush()
    }
}
