//! Traces as files, in whichever format.

use std::fs;
use std::path::Path;

use super::rep::Strictness;
use super::{Cause, Trace, TraceError, compact, rep};

impl Trace {
    /// Reads a trace, compact or `.rep`; the first bytes tell which.
    ///
    /// # Errors
    ///
    /// [`TraceError`] naming the file, where in it something is wrong, and what to do.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, TraceError> {
        let path = path.as_ref();
        read(path, Strictness::Lenient).map_err(|cause| cause.at(path))
    }

    /// As [`load`](Self::load), but refuses a `.rep` file that strays from the format.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load), and [`Cause::Line`] for what [`rep`] lists as lenient.
    pub fn load_strict(path: impl AsRef<Path>) -> Result<Self, TraceError> {
        let path = path.as_ref();
        read(path, Strictness::Strict).map_err(|cause| cause.at(path))
    }

    /// Reads the calls before the first damage, and says what that is.
    ///
    /// # Errors
    ///
    /// [`TraceError`] if no call can be kept.
    pub fn load_prefix(path: impl AsRef<Path>) -> Result<(Self, Option<TraceError>), TraceError> {
        let path = path.as_ref();
        let (trace, stopped) = read_prefix(path).map_err(|cause| cause.at(path))?;
        let stopped = stopped.map(|cause| cause.at(path));
        match stopped {
            Some(error) if trace.ops.is_empty() => Err(error),
            stopped => Ok((trace, stopped)),
        }
    }

    /// Writes the trace in the compact format. The file appears whole or not at all.
    ///
    /// # Errors
    ///
    /// [`TraceError`] if the trace is not valid or the file system refuses.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), TraceError> {
        let path = path.as_ref();
        let bytes = compact::write(self).map_err(|cause| cause.at(path))?;
        let mut partial = path.as_os_str().to_owned();
        partial.push(".partial");
        fs::write(&partial, bytes)
            .and_then(|()| fs::rename(&partial, path))
            .map_err(|error| Cause::Io(error).at(path))
    }

    /// A number that differs between traces whose calls differ: the CRC-32 of all of them. O(calls).
    ///
    /// # Errors
    ///
    /// [`TraceError`] if the trace is not valid.
    pub fn fingerprint(&self) -> Result<u32, TraceError> {
        Ok(compact::fingerprint(self)?)
    }
}

fn read(path: &Path, strictness: Strictness) -> Result<Trace, Cause> {
    let bytes = fs::read(path)?;
    match is_compact(&bytes) {
        true => compact::read(&bytes, &name(path)),
        false => rep::read(&bytes, &name(path), strictness),
    }
}

fn read_prefix(path: &Path) -> Result<(Trace, Option<Cause>), Cause> {
    let bytes = fs::read(path)?;
    match is_compact(&bytes) {
        true => compact::read_prefix(&bytes, &name(path)),
        false => rep::read_prefix(&bytes, &name(path)),
    }
}

/// A file that was cut within its magic bytes is a compact one too.
fn is_compact(bytes: &[u8]) -> bool {
    !bytes.is_empty() && (bytes.starts_with(&compact::MAGIC) || compact::MAGIC.starts_with(bytes))
}

fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    stem.to_string_lossy().into_owned()
}
