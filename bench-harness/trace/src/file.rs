//! Reads and writes traces as files, in any format.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use super::rep::Strictness;
use super::{Cause, Trace, TraceError, WholeFile, compact, import};

impl Trace {
    /// Reads a trace in the compact format, or in any format that [`import`] knows. Detects the format by the
    /// first bytes.
    ///
    /// # Errors
    ///
    /// [`TraceError`], which names the file, the place of the error, and what to do.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, TraceError> {
        let path = path.as_ref();
        read(path, Strictness::Lenient).map_err(|cause| cause.at(path))
    }

    /// As [`load`](Self::load), but refuses text that deviates from its format.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load), and [`Cause::Line`] for lines that [`rep`](super::rep) and [`import`] otherwise
    /// accept.
    pub fn load_strict(path: impl AsRef<Path>) -> Result<Self, TraceError> {
        let path = path.as_ref();
        read(path, Strictness::Strict).map_err(|cause| cause.at(path))
    }

    /// Reads the calls before the first damage, and returns them with the damage.
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

    /// Returns the CRC-32 of all calls, which differs if the calls differ (but for collisions). O(calls).
    ///
    /// # Errors
    ///
    /// [`TraceError`] if the trace is not valid.
    pub fn fingerprint(&self) -> Result<u32, TraceError> {
        Ok(compact::fingerprint(self)?)
    }
}

fn read(path: &Path, strictness: Strictness) -> Result<Trace, Cause> {
    match Contents::open(path)? {
        Contents::Compact(file) => match compact::load(file, &name(path))? {
            (trace, None) => Ok(trace),
            (_, Some(cause)) => Err(cause),
        },
        Contents::Other(bytes) => import::load(&bytes, &name(path), strictness),
    }
}

fn read_prefix(path: &Path) -> Result<(Trace, Option<Cause>), Cause> {
    match Contents::open(path)? {
        Contents::Compact(file) => compact::load(file, &name(path)),
        Contents::Other(bytes) => import::load_prefix(&bytes, &name(path)),
    }
}

/// A file's contents by format: the only place that distinguishes compact files from others.
pub(crate) enum Contents {
    /// A file in the compact format, to be read frame by frame.
    Compact(BufReader<File>),
    /// All bytes of a file in any other format; [`import`] reads them.
    Other(Vec<u8>),
}

impl Contents {
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
        if compact::is_compact(file.fill_buf()?) {
            return Ok(Self::Compact(file));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(Self::Other(bytes))
    }
}

/// Returns the name of the trace in a file.
pub(crate) fn name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    stem.to_string_lossy().into_owned()
}
