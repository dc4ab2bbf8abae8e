//! What is to be run: the command's words, and the libraries that it really loads.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use bench_results::{Case, Suite};

use super::library::Library;
use super::run::command;

/// A command and the libraries to run it under.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The command as it was given.
    pub text: String,
    /// The program does less than it usually does.
    pub is_short: bool,
    /// Its words: the program and its arguments. No shell is in between.
    pub words: Vec<String>,
    /// What its environment has beside that of this process.
    pub envs: Vec<(String, String)>,
    /// The libraries.
    pub libraries: Vec<Library>,
}

impl Plan {
    /// The case that it is, in records.
    pub(crate) fn case(&self) -> Case {
        Case::new(Suite::Program, &self.text).shortened(self.is_short)
    }

    /// The plan for `text`, whose words are quoted as for a shell.
    ///
    /// # Errors
    ///
    /// An empty command, or a quote that is not closed.
    pub fn new(text: &str, libraries: &[Library]) -> Result<Self> {
        let words = shell_words::split(text)
            .with_context(|| format!("the command `{text}` is not understood"))?;
        if words.is_empty() {
            bail!("an empty command; `--command 'python3 script.py'` runs one");
        }
        Ok(Self {
            text: text.to_string(),
            is_short: false,
            words,
            envs: Vec::new(),
            libraries: libraries.to_vec(),
        })
    }

    /// Asks the dynamic linker whether the program loads `library`; it lists what it loads instead
    /// of running the program. `Err` says why not.
    ///
    /// A program without a dynamic linker runs, once more than is timed.
    pub(super) fn loads(&self, library: &Library) -> Result<(), String> {
        let Some(path) = &library.path else {
            return Ok(());
        };
        let mut linker = command(self, Some(library));
        linker
            .env("LD_TRACE_LOADED_OBJECTS", "1")
            .stdin(Stdio::null());
        let output = linker
            .output()
            .map_err(|error| format!("cannot run `{}`: {error}", self.words[0]))?;
        let listed = String::from_utf8_lossy(&output.stdout);
        let path = path.to_string_lossy();
        let is_listed = listed
            .lines()
            .any(|line| line.trim_start().starts_with(path.as_ref()));
        if is_listed {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().find(|line| line.contains("LD_PRELOAD"));
        Err(said.map_or_else(
            || {
                format!(
                    "`{}` does not load it: linked statically, or with privileges?",
                    self.words[0]
                )
            },
            |line| line.trim().to_string(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_a_shell_does() {
        let plan = Plan::new("sh -c 'echo  two words' \"x y\"", &[]).unwrap();
        assert_eq!(plan.words, ["sh", "-c", "echo  two words", "x y"]);
        assert!(Plan::new("  ", &[]).is_err());
        assert!(Plan::new("echo 'open", &[]).is_err());
    }

    #[test]
    fn a_library_that_does_not_exist_is_not_loaded() {
        let library = Library {
            name: "gone".to_string(),
            path: Some("/no/such.so".into()),
            envs: Vec::new(),
        };
        let plan = Plan::new("cat /dev/null", &[]).unwrap();
        assert!(plan.loads(&library).is_err());
    }
}
