//! Arguments of a subcommand: flags, values and plain words.

use crate::{Result, nearest};

/// What is left of an argument list as its options are taken out.
pub struct Options {
    left: Vec<String>,
    /// The options that were looked for.
    known: Vec<&'static str>,
}

impl Options {
    /// All of the arguments.
    #[must_use]
    pub fn new(args: &[String]) -> Self {
        let (left, known) = (args.to_vec(), Vec::new());
        Self { left, known }
    }

    /// Takes out every `name`; whether there was one.
    pub fn flag(&mut self, name: &'static str) -> bool {
        self.known.push(name);
        let before = self.left.len();
        self.left.retain(|arg| arg != name);
        self.left.len() < before
    }

    /// Takes out the first `name VALUE` or `name=VALUE`.
    ///
    /// # Errors
    ///
    /// The name is there, but no value follows it.
    pub fn value(&mut self, name: &'static str) -> Result<Option<String>> {
        self.known.push(name);
        let joined = format!("{name}=");
        let is_it = |arg: &String| arg == name || arg.starts_with(&joined);
        let Some(at) = self.left.iter().position(is_it) else {
            return Ok(None);
        };
        let arg = self.left.remove(at);
        if let Some(value) = arg.strip_prefix(&joined) {
            return Ok(Some(value.to_owned()));
        }
        if at == self.left.len() {
            return Err(format!("`{name}` needs a value"));
        }
        Ok(Some(self.left.remove(at)))
    }

    /// Takes out the first value of `name`, a number of at least 1.
    ///
    /// # Errors
    ///
    /// Those of [`value`](Self::value), and a value that is none.
    pub fn number(&mut self, name: &'static str, default: u32) -> Result<u32> {
        let Some(value) = self.value(name)? else {
            return Ok(default);
        };
        let number = value.parse().ok().filter(|&number| number > 0);
        number.ok_or_else(|| format!("`{name}` is a whole number above 0, not `{value}`"))
    }

    /// Takes out every value of `name`, which may be repeated.
    ///
    /// # Errors
    ///
    /// Those of [`value`](Self::value).
    pub fn values(&mut self, name: &'static str) -> Result<Vec<String>> {
        std::iter::from_fn(|| self.value(name).transpose()).collect()
    }

    /// The words that are left.
    ///
    /// # Errors
    ///
    /// One of them looks like an option, which the command does not have.
    pub fn words(self) -> Result<Vec<String>> {
        let Some(unknown) = self.left.iter().find(|arg| arg.starts_with('-')) else {
            return Ok(self.left);
        };
        let bare = |option: &str| option.trim_start_matches('-').to_owned();
        let name = bare(unknown.split('=').next().unwrap_or(unknown));
        let names: Vec<String> = self.known.iter().map(|known| bare(known)).collect();
        let near = nearest::nearest(&name, names.iter().map(String::as_str));
        let near = near.and_then(|near| self.known.iter().find(|known| bare(known) == near));
        let hint = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
        Err(format!(
            "unknown option `{unknown}`; {hint}--help lists the options"
        ))
    }

    /// As [`words`](Self::words), for commands that take none.
    pub fn finish(self) -> Result {
        match self.words()?.first() {
            Some(word) => Err(format!(
                "unexpected argument `{word}`; --help shows the usage"
            )),
            None => Ok(()),
        }
    }
}

/// The words of a line as arguments, for tests.
#[must_use]
pub fn args(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Options {
        Options::new(&args(line))
    }

    #[test]
    fn flags_and_values_are_taken_out_and_words_are_left() {
        let mut options = options("--list a --only x --only=y b --n 7");
        assert!(options.flag("--list") && !options.flag("--list"));
        assert_eq!(options.values("--only").unwrap(), ["x", "y"]);
        assert_eq!(options.value("--only"), Ok(None));
        assert_eq!(
            (options.number("--n", 1), options.number("--m", 1)),
            (Ok(7), Ok(1))
        );
        assert_eq!(options.words().unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_missing_value_and_an_unknown_option_are_errors() {
        assert!(options("--seconds").value("--seconds").is_err());
        assert!(
            options("--n x").number("--n", 1).is_err()
                && options("--n 0").number("--n", 1).is_err()
        );
        assert!(options("stray").finish().is_err());
        let mut options = options("--lsit=3");
        assert!(!options.flag("--list"));
        assert!(
            options
                .words()
                .unwrap_err()
                .contains("did you mean `--list`?")
        );
    }
}
