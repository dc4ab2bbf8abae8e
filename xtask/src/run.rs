//! `run`: any program on any stage.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use xtask_base::Result;
use xtask_base::options::Options;
use xtask_base::process;

use crate::preload;

/// Tells the library to report at exit.
const STATS: &str = "MALLOC_LADDER_STATS";

const USAGE: &str = "usage: cargo xtask run [--stage STAGE] [--stats] [-v] -- PROGRAM [ARGS…]";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Request<'a> {
    stage: Option<String>,
    stats: bool,
    verbose: bool,
    program: &'a str,
    args: &'a [String],
}

impl<'a> Request<'a> {
    fn parse(args: &'a [String]) -> Result<Self> {
        let Some(dashes) = args.iter().position(|arg| arg == "--") else {
            return Err(format!("no `--` before the program\n{USAGE}"));
        };
        let Some((program, program_args)) = args[dashes + 1..].split_first() else {
            return Err(format!("no program after `--`\n{USAGE}"));
        };
        let mut options = Options::new(&args[..dashes]);
        let request = Self {
            stage: options.value("--stage")?,
            stats: options.flag("--stats"),
            verbose: options.flag("-v") | options.flag("--verbose"),
            program,
            args: program_args,
        };
        options.finish()?;
        Ok(request)
    }

    /// The program, with the library preloaded into it.
    fn command(&self, library: &Path) -> Command {
        let mut preload = OsString::from(library);
        if let Some(others) = std::env::var_os("LD_PRELOAD").filter(|others| !others.is_empty()) {
            preload.push(":");
            preload.push(others);
        }
        let mut command = Command::new(self.program);
        command.args(self.args).env("LD_PRELOAD", preload);
        if self.stats {
            command.env(STATS, "1");
        }
        command
    }
}

pub(crate) fn run(args: &[String]) -> Result {
    let request = Request::parse(args)?;
    let stage = preload::stage(request.stage.as_deref())?;
    let library = preload::build(stage, request.verbose)?;
    let command = request.command(&library);
    if request.verbose {
        eprintln!("$ {}", process::line(&command));
    }
    process::replace_with(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask_base::options::args;

    #[test]
    fn options_before_the_dashes_are_ours_and_the_rest_is_the_program() {
        let args = args("--stage bump -v -- ls -v --stage");
        let request = Request::parse(&args).unwrap();
        assert_eq!(request.stage.as_deref(), Some("bump"));
        assert!(request.verbose && !request.stats);
        assert_eq!(request.program, "ls");
        assert_eq!(request.args, ["-v", "--stage"]);
    }

    #[test]
    fn what_is_missing_or_unknown_is_said() {
        assert!(Request::parse(&args("ls")).unwrap_err().contains("`--`"));
        assert!(
            Request::parse(&args("--stats --"))
                .unwrap_err()
                .contains("no program")
        );
        assert!(
            Request::parse(&args("--frob -- ls"))
                .unwrap_err()
                .contains("--frob")
        );
        assert!(
            Request::parse(&args("--stage -- ls"))
                .unwrap_err()
                .contains("--stage")
        );
    }

    #[test]
    fn the_library_and_the_variable_reach_the_program() {
        let args = args("--stats -- ls /");
        let command = Request::parse(&args).unwrap().command(Path::new("lib.so"));
        let line = process::line(&command);
        assert!(line.contains("LD_PRELOAD=\"lib.so"), "{line}");
        assert!(line.contains("MALLOC_LADDER_STATS=\"1\" ls /"), "{line}");
    }
}
