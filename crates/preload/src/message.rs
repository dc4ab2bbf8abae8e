//! Lines for the person at the terminal, written without allocating.

use core::fmt::{self, Write};

use core_api::{Misuse, report};

use crate::{files, os};

/// What each line begins with.
const PREFIX: &str = "malloc-ladder: ";

/// A line as it is put together, on the stack. What does not fit is left out.
pub(crate) struct Line {
    bytes: [u8; 256],
    len: usize,
}

impl Line {
    /// A line with the prefix.
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
        // What has no room is left out, and the line is shown all the same.
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
    /// One byte stays for the end of the line.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.len() - 1 - self.len;
        let kept = &text.as_bytes()[..text.len().min(room)];
        self.bytes[self.len..self.len + kept.len()].copy_from_slice(kept);
        self.len += kept.len();
        Ok(())
    }
}

/// Says what a caller did wrong, and ends the process.
pub(crate) fn abort(misuse: Misuse) -> ! {
    report(PREFIX, misuse)
}

/// Says why, and ends the process.
pub(crate) fn die(why: &str) -> ! {
    let mut line = Line::new();
    line.add(format_args!("{why}"));
    line.print();
    os::abort()
}
