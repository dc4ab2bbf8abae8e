//! Writes text of any length, in pieces and without allocating.

use core::ffi::c_void;
use core::fmt::{self, Write};

use crate::files;

/// The destination of the text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum To {
    /// A descriptor.
    Descriptor(i32),
    /// A C `FILE`.
    File(*mut c_void),
}

/// A buffer on the stack in front of a file. Dropping it writes its content.
pub(crate) struct Out {
    to: To,
    bytes: [u8; Self::ROOM],
    len: usize,
}

impl Out {
    /// The buffer's size. Most reports fit, so that one call writes them: reports of several processes in
    /// one file do not mix.
    const ROOM: usize = 4096;

    /// Returns an empty buffer for this destination.
    pub(crate) fn new(to: To) -> Self {
        Self {
            to,
            bytes: [0; Self::ROOM],
            len: 0,
        }
    }

    /// Adds text; ignores errors, because there is nowhere to report them.
    pub(crate) fn add(&mut self, text: fmt::Arguments<'_>) {
        let _ = self.write_fmt(text);
    }

    /// Adds bytes as they are.
    pub(crate) fn add_bytes(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.len == Self::ROOM {
                self.flush();
            }
            let n = bytes.len().min(Self::ROOM - self.len);
            let (now, later) = bytes.split_at(n);
            self.bytes[self.len..self.len + n].copy_from_slice(now);
            self.len += n;
            bytes = later;
        }
    }

    fn flush(&mut self) {
        let bytes = &self.bytes[..self.len];
        match self.to {
            To::Descriptor(file) => files::write(file, bytes),
            To::File(file) => files::write_to_stream(file.cast(), bytes),
        }
        self.len = 0;
    }
}

impl Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add_bytes(text.as_bytes());
        Ok(())
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        self.flush();
    }
}
