//! Lines for the person at the terminal, written without allocating.

use core::fmt::{self, Write};

use core_api::{Misuse, fatal};

use crate::{c_library, files};

/// The start of each line.
const PREFIX: &str = "malloc-ladder: ";

/// A buffer on the stack for one line. It drops text that does not fit.
pub(crate) struct Line {
    bytes: [u8; 256],
    len: usize,
}

impl Line {
    /// Returns a line that has only the prefix.
    pub(crate) fn new() -> Self {
        let mut line = Self {
            bytes: [0; 256],
            len: 0,
        };
        line.add(format_args!("{PREFIX}"));
        line
    }

    /// Adds text to the line.
    pub(crate) fn add(&mut self, text: fmt::Arguments<'_>) {
        // Never fails: `write_str` drops the text that does not fit.
        let _ = self.write_fmt(text);
    }

    /// Writes the line to stderr.
    pub(crate) fn print(self) {
        self.print_to(libc::STDERR_FILENO);
    }

    /// Writes the line to a file.
    pub(crate) fn print_to(mut self, file: i32) {
        self.bytes[self.len] = b'\n';
        files::write(file, &self.bytes[..=self.len]);
    }
}

impl Write for Line {
    /// Keeps one byte free for the newline.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.len() - 1 - self.len;
        let kept = &text.as_bytes()[..text.len().min(room)];
        self.bytes[self.len..self.len + kept.len()].copy_from_slice(kept);
        self.len += kept.len();
        Ok(())
    }
}

/// Prints what the caller did wrong, and ends the process.
pub(crate) fn abort(misuse: Misuse) -> ! {
    fatal::report(PREFIX, misuse)
}

/// Prints `why`, and ends the process.
pub(crate) fn die(why: &str) -> ! {
    let mut line = Line::new();
    line.add(format_args!("{why}"));
    line.print();
    c_library::abort()
}
