//! Arguments of a subcommand: flags, values and plain words.

use crate::Result;

/// What is left of an argument list as its options are taken out.
pub(crate) struct Options(Vec<String>);

impl Options {
    pub(crate) fn new(args: &[String]) -> Self {
        Self(args.to_vec())
    }

    /// Takes out every `name`; whether there was one.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let before = self.0.len();
        self.0.retain(|arg| arg != name);
        self.0.len() < before
    }

    /// Takes out the first `name VALUE` or `name=VALUE`.
    ///
    /// # Errors
    ///
    /// The name is there, but no value follows it.
    pub(crate) fn value(&mut self, name: &str) -> Result<Option<String>> {
        let joined = format!("{name}=");
        let Some(at) = self
            .0
            .iter()
            .position(|arg| arg == name || arg.starts_with(&joined))
        else {
            return Ok(None);
        };
        let arg = self.0.remove(at);
        if let Some(value) = arg.strip_prefix(&joined) {
            return Ok(Some(value.to_owned()));
        }
        if at == self.0.len() {
            return Err(format!("`{name}` needs a value"));
        }
        Ok(Some(self.0.remove(at)))
    }

    /// The words that are left.
    ///
    /// # Errors
    ///
    /// One of them looks like an option, which the command does not have.
    pub(crate) fn words(self) -> Result<Vec<String>> {
        match self.0.iter().find(|arg| arg.starts_with('-')) {
            Some(arg) => Err(format!("unknown option `{arg}`; --help lists the options")),
            None => Ok(self.0),
        }
    }

    /// As [`words`](Self::words), for commands that take none.
    pub(crate) fn finish(self) -> Result {
        match self.words()?.first() {
            Some(word) => Err(format!(
                "unexpected argument `{word}`; --help shows the usage"
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Options {
        Options(line.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn flags_and_values_are_taken_out_and_words_are_left() {
        let mut options = options("--list a --only x --only=y b");
        assert!(options.flag("--list"));
        assert!(!options.flag("--list"));
        assert_eq!(options.value("--only"), Ok(Some("x".to_owned())));
        assert_eq!(options.value("--only"), Ok(Some("y".to_owned())));
        assert_eq!(options.value("--only"), Ok(None));
        assert_eq!(options.words(), Ok(vec!["a".to_owned(), "b".to_owned()]));
    }

    #[test]
    fn a_missing_value_and_an_unknown_option_are_errors() {
        assert!(options("--seconds").value("--seconds").is_err());
        assert!(options("--frobnicate").words().is_err());
        assert!(options("stray").finish().is_err());
    }
}
