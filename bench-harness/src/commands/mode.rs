//! What a run of `bench` measures, and which options need rows of replayed traces.

use std::path::Path;

use clap::ValueEnum;
use clap::error::{Error, ErrorKind};

use crate::cli::{BenchAction, BenchArgs};
use crate::report::Report;

/// What `bench` does. Each run has one mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Mode {
    /// Replays traces and generated workloads.
    Replay,
    /// Prints an earlier run.
    From,
    /// Compares a stage with its nearest peers, and says what its bars come to.
    Contest,
    /// Replays in heaps with little to spare.
    Tight,
    /// Measures cost against live blocks.
    Flat,
    /// Runs workloads that react to the allocator.
    ClosedLoop,
    /// Counts one allocation of each arena.
    Arenas,
    /// Runs micro-benchmarks of global allocators.
    Global,
    /// Runs the user's commands.
    Command,
    /// Runs programs on inputs that are made here.
    Programs,
    /// Puts parts together.
    Merge,
    /// Lists what there is.
    List,
}

impl Mode {
    /// The mode that the options ask for.
    pub(super) fn of(args: &BenchArgs) -> Self {
        match args {
            _ if args.list => Self::List,
            BenchArgs {
                action: Some(BenchAction::Merge(_)),
                ..
            } => Self::Merge,
            _ if args.from.is_some() => Self::From,
            _ if args.contest.is_some() => Self::Contest,
            _ if args.tight => Self::Tight,
            _ if args.flat => Self::Flat,
            _ if args.closed_loop => Self::ClosedLoop,
            _ if args.arenas => Self::Arenas,
            _ if args.global.is_some() => Self::Global,
            _ if args.programs.is_some() => Self::Programs,
            _ if !args.command.is_empty() => Self::Command,
            _ => Self::Replay,
        }
    }

    /// What selects it on the command line; empty of the usual mode.
    pub(super) fn option(self) -> &'static str {
        match self {
            Self::Replay => "",
            Self::From => "--from",
            Self::Contest => "--contest",
            Self::Tight => "--tight",
            Self::Flat => "--flat",
            Self::ClosedLoop => "--closed-loop",
            Self::Arenas => "--arenas",
            Self::Global => "--global",
            Self::Command => "--command",
            Self::Programs => "--programs",
            Self::Merge => "merge",
            Self::List => "--list",
        }
    }

    /// Whether its results are rows of replayed traces, which `--baseline` compares and `--csv` writes.
    fn has_rows(self) -> bool {
        matches!(self, Self::Replay | Self::From)
    }

    /// Whether an interrupted run of it can be resumed.
    pub(super) fn can_be_resumed(self) -> bool {
        matches!(self, Self::Replay | Self::Contest)
    }
}

/// The options among `args` that need rows of replayed traces.
fn options_of_rows(args: &BenchArgs) -> impl Iterator<Item = &'static str> {
    let results = &args.results;
    let given = [
        (results.baseline.is_some(), "--baseline"),
        (results.fail_on.is_some(), "--fail-on"),
        (results.csv.is_some(), "--csv"),
    ];
    given
        .into_iter()
        .filter(|(is_given, _)| *is_given)
        .map(|(_, option)| option)
}

/// Refuses options that the mode would ignore.
///
/// # Errors
///
/// The first of them, and the modes that have it.
pub(super) fn check(args: &BenchArgs) -> Result<(), Error> {
    let mode = Mode::of(args);
    match options_of_rows(args).next().filter(|_| !mode.has_rows()) {
        Some(option) => Err(refusal(&format!(
            "{option} cannot be used with {}",
            mode.option()
        ))),
        None => Ok(()),
    }
}

/// The same for an earlier run that is read from `path`.
///
/// # Errors
///
/// As [`check`].
pub(super) fn check_read(args: &BenchArgs, report: &Report, path: &Path) -> Result<(), Error> {
    let has_rows = !report.workloads.is_empty() && report.contest.is_none();
    match options_of_rows(args).next().filter(|_| !has_rows) {
        Some(option) => Err(refusal(&format!(
            "{option} cannot be used: {} is no run over traces",
            path.display()
        ))),
        None => Ok(()),
    }
}

fn refusal(what: &str) -> Error {
    let message = format!(
        "{what}. It needs the rows of replayed traces: it works in a run over the shipped traces, \
         --trace, --workload or --profile, and with --from of such a run\n"
    );
    Error::raw(ErrorKind::ArgumentConflict, message)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::contest::Contest;
    use crate::report::testing::{report, row, workload};

    /// The arguments of `bench` with these words.
    fn parse(words: &str) -> Result<BenchArgs, Error> {
        let words = format!("xtask bench {words}");
        match Cli::try_parse_from(words.split_whitespace())?.command {
            Command::Bench(args) => Ok(*args),
            other => panic!("{other:?}"),
        }
    }

    /// The least command line of the mode.
    fn words(mode: Mode) -> String {
        let value = match mode {
            Mode::From => "x.json",
            Mode::Contest => "heaps",
            Mode::Command => "true",
            Mode::Merge => "x.json",
            _ => "",
        };
        format!("{} {value}", mode.option())
    }

    #[test]
    fn each_mode_is_the_one_that_its_option_selects() {
        for mode in Mode::value_variants() {
            assert_eq!(Mode::of(&parse(&words(*mode)).unwrap()), *mode, "{mode:?}");
        }
    }

    #[test]
    fn what_a_mode_would_ignore_is_refused() {
        for mode in Mode::value_variants() {
            for options in [
                "--baseline b.json",
                "--csv=x.csv",
                "--baseline b.json --fail-on 5",
            ] {
                let checked =
                    parse(&format!("{options} {}", words(*mode))).and_then(|args| check(&args));
                let is_usual = matches!(mode, Mode::Replay | Mode::From);
                assert_eq!(checked.is_ok(), is_usual, "{mode:?} {options}");
                if let Err(error) = checked {
                    assert_eq!(error.exit_code(), 2);
                    // clap knows the sub-command and says how it is used.
                    let is_ours = *mode != Mode::Merge;
                    let message = error.to_string();
                    assert!(!is_ours || message.contains(mode.option()), "{message}");
                    assert!(
                        !is_ours || message.contains("it works in a run over"),
                        "{message}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_gate_without_a_baseline_is_refused() {
        let error = parse("--fail-on 5").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("--baseline"), "{error}");
    }

    #[test]
    fn an_earlier_run_without_rows_is_refused() {
        let args = parse("--from x.json --csv=x.csv").unwrap();
        let check = |report: &Report| check_read(&args, report, Path::new("x.json"));
        let of_traces = report(vec![workload("churn", vec![row("libc", &[1.0; 3], 1)])]);
        assert!(check(&of_traces).is_ok());
        let message = check(&report(Vec::new())).unwrap_err().to_string();
        assert!(
            message.contains("x.json is no run over traces"),
            "{message}"
        );
        let of_contest = Report {
            contest: Some(Contest::Heaps),
            ..of_traces
        };
        assert!(check(&of_contest).is_err());
    }
}
