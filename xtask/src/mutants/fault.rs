//! A change to the source that is wrong.

use std::fmt;

/// Arguments of `cargo test`: which tests to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Suite(pub(crate) &'static [&'static str]);

/// One realistic mistake.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// From the workspace's root.
    pub(crate) file: &'static str,
    /// Text that the file contains exactly once.
    pub(crate) find: &'static str,
    /// What a tired engineer would have written.
    pub(crate) replace: &'static str,
    pub(crate) tests: Suite,
    /// What ought to catch it.
    pub(crate) caught_by: &'static str,
}

impl Fault {
    /// The file's text with the fault in it.
    ///
    /// # Errors
    ///
    /// The file is not there, or the place is not found exactly once: the source has moved on,
    /// and the table must follow.
    pub(crate) fn seed(&self, text: Option<&str>) -> Result<String, String> {
        let text = text.ok_or_else(|| format!("there is no file {}", self.file))?;
        match text.matches(self.find).count() {
            1 => Ok(text.replacen(self.find, self.replace, 1)),
            n => Err(format!(
                "`{}` is found {n} times in {}, not once",
                self.find, self.file
            )),
        }
    }

    /// The change on one line.
    pub(crate) fn change(&self) -> String {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("`{}` became `{}`", flat(self.find), flat(self.replace))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} ({})", self.name, self.file)?;
        writeln!(f, "    {}", self.change())?;
        write!(f, "    ought to be caught by: {}", self.caught_by)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAULT: Fault = Fault {
        name: "off-by-one",
        file: "a.rs",
        find: "end <= limit",
        replace: "end < limit",
        tests: Suite(&["-p", "a"]),
        caught_by: "the last byte is used",
    };

    #[test]
    fn a_fault_is_seeded_where_it_belongs() {
        assert_eq!(
            FAULT.seed(Some("if end <= limit {")),
            Ok("if end < limit {".to_owned())
        );
    }

    #[test]
    fn a_source_that_moved_on_is_an_error() {
        assert!(FAULT.seed(None).is_err());
        assert!(
            FAULT
                .seed(Some("if limit >= end {"))
                .unwrap_err()
                .contains("0 times")
        );
        assert!(
            FAULT
                .seed(Some("end <= limit; end <= limit"))
                .unwrap_err()
                .contains("2 times")
        );
    }
}
