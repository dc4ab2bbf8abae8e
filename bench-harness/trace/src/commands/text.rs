//! [`Text`]: writes text to standard output, or to a file that appears whole or not at all.

use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::WholeFile;

/// An output for text.
pub(super) enum Text {
    Stdout(BufWriter<StdoutLock<'static>>),
    File(WholeFile),
}

impl Text {
    /// Begins the file at `path`; `-` is standard output.
    pub(super) fn create(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stdout(BufWriter::new(io::stdout().lock())));
        }
        let file = WholeFile::create(path);
        Ok(Self::File(file.with_context(|| cannot_write(path))?))
    }

    /// Ends the text. A reader that stops early, such as `head`, is not an error.
    pub(super) fn commit(self, path: &Path) -> Result<()> {
        match self {
            Self::Stdout(mut out) => done(out.flush()).context("standard output"),
            Self::File(file) => file.commit().with_context(|| cannot_write(path)),
        }
    }
}

/// Ignores the error of a closed pipe.
pub(super) fn done(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Returns the message about a file that cannot be written.
pub(super) fn cannot_write(path: &Path) -> String {
    format!("cannot write {}; name another file with -o", path.display())
}

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File(file) => file.flush(),
        }
    }
}
