//! Text for who asked for it, who may read only the start: `… --list | head` is no error.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use crate::Result;

/// Prints one line for each item, until the reader closes the pipe.
pub fn print(lines: impl IntoIterator<Item = impl Display>) -> Result {
    write(&mut io::stdout().lock(), lines)
}

fn write(out: &mut impl Write, lines: impl IntoIterator<Item = impl Display>) -> Result {
    let written = lines
        .into_iter()
        .try_for_each(|line| writeln!(out, "{line}"))
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| format!("cannot write to standard output: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails in the same way at every line.
    struct Broken(ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_item_is_a_line() {
        let mut out = Vec::new();
        assert_eq!(write(&mut out, [1, 2]), Ok(()));
        assert_eq!(out, b"1\n2\n");
    }

    #[test]
    fn who_stops_reading_is_no_error_and_a_full_disk_is_one() {
        assert_eq!(write(&mut Broken(ErrorKind::BrokenPipe), [1]), Ok(()));
        let error = write(&mut Broken(ErrorKind::StorageFull), [1]).expect_err("full");
        assert!(
            error.starts_with("cannot write to standard output: "),
            "{error}"
        );
    }
}
