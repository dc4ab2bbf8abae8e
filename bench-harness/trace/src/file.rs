//! Traces as files, in whichever format.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::rep::Strictness;
use super::{Cause, Trace, TraceError, WholeFile, compact, rep};

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
        let written = WholeFile::create(path)
            .map_err(Cause::Io)
            .and_then(|file| compact::save(self, file))
            .and_then(|file| file.commit().map_err(Cause::Io));
        written.map_err(|cause| cause.at(path))
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
    match open(path)? {
        Input::Compact(file) => match compact::load(file, &name(path))? {
            (trace, None) => Ok(trace),
            (_, Some(cause)) => Err(cause),
        },
        Input::Text(bytes) => rep::read(&bytes, &name(path), strictness),
    }
}

fn read_prefix(path: &Path) -> Result<(Trace, Option<Cause>), Cause> {
    match open(path)? {
        Input::Compact(file) => compact::load(file, &name(path)),
        Input::Text(bytes) => rep::read_prefix(&bytes, &name(path)),
    }
}

/// A file by its first bytes.
enum Input {
    Compact(BufReader<File>),
    Text(Vec<u8>),
}

fn open(path: &Path) -> Result<Input, Cause> {
    let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
    if compact::is_compact(file.fill_buf()?) {
        return Ok(Input::Compact(file));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(Input::Text(bytes))
}

/// The name of the trace in a file.
pub(crate) fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    stem.to_string_lossy().into_owned()
}
