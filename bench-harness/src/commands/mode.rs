//! What a run of `bench` measures.

use bench_results::Suite;
use clap::ValueEnum;

use crate::cli::BenchArgs;

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
    /// Does something with results that are there already.
    View,
    /// Lists what there is.
    List,
}

impl Mode {
    /// The mode that the options ask for.
    pub(super) fn of(args: &BenchArgs) -> Self {
        match args {
            _ if args.list => Self::List,
            BenchArgs {
                action: Some(_), ..
            } => Self::View,
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
            Self::View => "show",
            Self::List => "--list",
        }
    }

    /// The suite of its cases; `None` if it measures nothing.
    pub(super) fn suite(self) -> Option<Suite> {
        match self {
            Self::Replay | Self::Contest | Self::Tight => Some(Suite::Trace),
            Self::Flat | Self::Arenas | Self::Global => Some(Suite::Kernel),
            Self::ClosedLoop => Some(Suite::Adversary),
            Self::Command | Self::Programs => Some(Suite::Program),
            Self::From | Self::View | Self::List => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use clap::error::Error;

    use super::*;
    use crate::cli::{Cli, Command};

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
            Mode::View => "x.json",
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
    fn a_gate_without_a_baseline_is_refused() {
        let error = parse("--fail-on 5").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("--baseline"), "{error}");
    }
}
