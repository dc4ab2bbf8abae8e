//! One library under one command: the rows of the report.

use bench_results::stats::median;
use serde::{Deserialize, Serialize};

use super::run::{Exit, Run};

/// One command under libc and each library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandReport {
    /// The command as it was given.
    pub command: String,
    /// The program does less than it usually does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_short: bool,
    /// One for each library; libc comes first.
    pub rows: Vec<CommandRow>,
}

/// One command under one library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandRow {
    /// The library's name.
    pub allocator: String,
    /// Its file; `None` for libc.
    pub library: Option<String>,
    /// It crashed, hung or was not loaded, and libc was not so.
    pub broken: bool,
    /// How the last run ended; `None` if there was none.
    pub exit: Option<Exit>,
    /// Seconds from start to end.
    pub wall: Option<Spread>,
    /// Seconds of CPU, in the program and in the kernel.
    pub cpu: Option<Spread>,
    /// The most bytes resident in one process.
    pub peak_rss: Option<Spread>,
    /// Page faults that needed no disk.
    pub minor_faults: Option<Spread>,
    /// Page faults that did.
    pub major_faults: Option<Spread>,
    /// What else there is to know.
    pub notes: Vec<String>,
    /// Every timed run, in the order of the rounds.
    pub runs: Vec<Run>,
}

/// A figure over several runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The median.
    pub median: f64,
    /// The least.
    pub min: f64,
    /// The most.
    pub max: f64,
}

impl Spread {
    /// Of the figures; `None` if there are none.
    pub fn of(figures: Vec<f64>) -> Option<Self> {
        let each = || figures.iter().copied();
        Some(Self {
            median: median(&figures)?,
            min: each().reduce(f64::min)?,
            max: each().reduce(f64::max)?,
        })
    }
}

impl CommandReport {
    /// Adds the rows that only `other` has, of the same command, compared with the runs of libc here.
    pub(crate) fn add_missing(&mut self, other: Self) {
        let baseline = self
            .rows
            .first()
            .map_or(&[][..], |libc| &libc.runs)
            .to_vec();
        let is_known = |row: &CommandRow| {
            let mut known = self.rows.iter();
            known.any(|known| known.allocator == row.allocator)
        };
        let missing: Vec<CommandRow> = other
            .rows
            .into_iter()
            .filter(|row| !is_known(row))
            .collect();
        self.rows
            .extend(missing.into_iter().map(|row| match row.runs.is_empty() {
                true => row,
                false => CommandRow::new(&row.allocator, row.library, row.runs, &baseline),
            }));
    }

    /// What there is to know of each row, a line each.
    pub(crate) fn notes(&self) -> String {
        let notes = self.rows.iter().flat_map(|row| {
            let notes = row.notes.iter();
            notes.map(|note| format!("{}: {note}\n", row.allocator))
        });
        notes.collect()
    }
}

impl CommandRow {
    /// The row of `runs`, compared with those of libc in `baseline`.
    pub(crate) fn new(
        allocator: &str,
        library: Option<String>,
        runs: Vec<Run>,
        baseline: &[Run],
    ) -> Self {
        let is_libc = library.is_none();
        let figure = |of: fn(&Run) -> f64| Spread::of(runs.iter().map(of).collect());
        Self {
            allocator: allocator.to_string(),
            library,
            broken: runs.iter().any(|run| is_broken(run, baseline)),
            exit: runs.last().map(|run| run.exit),
            wall: figure(|run| run.wall),
            cpu: figure(Run::cpu),
            peak_rss: figure(|run| run.peak_rss as f64),
            minor_faults: figure(|run| run.minor_faults as f64),
            major_faults: figure(|run| run.major_faults as f64),
            notes: differences(&runs, baseline, is_libc),
            runs,
        }
    }

    /// Whether the run fails because of it: not of a command that ran out of its time.
    pub fn is_failure(&self) -> bool {
        self.broken && self.exit != Some(Exit::Hung)
    }

    /// The row of a library that did not come to run.
    pub(crate) fn not_run(allocator: &str, library: Option<String>, why: String) -> Self {
        let row = Self::new(allocator, library, Vec::new(), &[]);
        Self {
            broken: true,
            notes: vec![why],
            ..row
        }
    }
}

/// A run that ended as none of libc's did, other than by another exit status.
fn is_broken(run: &Run, baseline: &[Run]) -> bool {
    !matches!(run.exit, Exit::Status(_)) && baseline.iter().all(|libc| libc.exit != run.exit)
}

/// In what these runs differ from those of libc, and of libc's own, what cannot be compared.
fn differences(runs: &[Run], baseline: &[Run], is_libc: bool) -> Vec<String> {
    let mut notes: Vec<String> = runs
        .iter()
        .filter_map(|run| exit_note(run, baseline))
        .collect();
    let outputs: [(&str, Output); 2] = [
        ("standard output", |run| run.stdout),
        ("standard error", |run| run.stderr),
    ];
    for (which, output) in outputs {
        match (is_steady(baseline, output), is_libc) {
            (false, true) => notes.push(format!("{which} changes from run to run: not compared")),
            (true, false) if !is_steady(runs.iter().chain(baseline), output) => {
                notes.push(format!("{which} differs from libc's"));
            }
            _ => {}
        }
    }
    notes.dedup();
    notes
}

/// Length and checksum of an output of a run.
type Output = fn(&Run) -> (u64, u32);

fn is_steady<'a>(runs: impl IntoIterator<Item = &'a Run>, output: Output) -> bool {
    let mut outputs = runs.into_iter().map(output);
    let first = outputs.next();
    outputs.all(|output| Some(output) == first)
}

fn exit_note(run: &Run, baseline: &[Run]) -> Option<String> {
    let is_of_libc = baseline.iter().any(|libc| libc.exit == run.exit);
    match run.exit {
        Exit::Hung => Some(format!("hung: stopped after {:.0} s", run.wall)),
        Exit::Signal(number) => Some(format!("crashed with signal {number}")),
        Exit::Status(status) if !is_of_libc => Some(format!("exit status {status}, not libc's")),
        Exit::Status(_) => None,
    }
}

#[cfg(test)]
impl CommandRow {
    /// Five runs of so many seconds, made up.
    pub(crate) fn measured(allocator: &str, seconds: f64) -> Self {
        let run = Run {
            exit: Exit::Status(0),
            wall: seconds,
            user: seconds,
            system: 0.0,
            peak_rss: 1 << 24,
            minor_faults: 1,
            major_faults: 0,
            stdout: (0, 0),
            stderr: (0, 0),
        };
        let runs = vec![run; 5];
        Self::new(allocator, None, runs.clone(), &runs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(exit: Exit, stdout: u32) -> Run {
        Run {
            exit,
            wall: 1.0,
            user: 0.5,
            system: 0.25,
            peak_rss: 4096,
            minor_faults: 1,
            major_faults: 0,
            stdout: (1, stdout),
            stderr: (0, 0),
        }
    }

    fn row(runs: &[Run], baseline: &[Run]) -> CommandRow {
        CommandRow::new("x", Some("x.so".to_string()), runs.to_vec(), baseline)
    }

    #[test]
    fn what_differs_from_libc_is_noted_and_a_crash_is_broken() {
        let libc = [run(Exit::Status(0), 7), run(Exit::Status(0), 7)];
        assert_eq!(row(&libc, &libc).notes, [""; 0]);
        let crash = row(&[run(Exit::Signal(11), 7)], &libc);
        assert!(
            crash.broken && crash.notes == ["crashed with signal 11"],
            "{crash:?}"
        );
        let other = row(&[run(Exit::Status(2), 8)], &libc);
        assert!(!other.broken);
        assert_eq!(
            other.notes,
            [
                "exit status 2, not libc's",
                "standard output differs from libc's"
            ]
        );
    }

    #[test]
    fn a_command_that_crashes_anyway_breaks_nobody() {
        let libc = [run(Exit::Signal(6), 7)];
        assert!(!row(&[run(Exit::Signal(6), 7)], &libc).broken);
        assert!(row(&[run(Exit::Hung, 7)], &libc).broken);
    }

    #[test]
    fn an_output_that_changes_under_libc_is_not_compared() {
        let libc = [run(Exit::Status(0), 7), run(Exit::Status(0), 8)];
        assert_eq!(row(&[run(Exit::Status(0), 9)], &libc).notes, [""; 0]);
        let itself = CommandRow::new("libc", None, libc.to_vec(), &libc);
        assert_eq!(
            itself.notes,
            ["standard output changes from run to run: not compared"]
        );
    }

    #[test]
    fn rows_of_another_round_are_compared_with_libc_s_runs_in_this_one() {
        let report = |rows| CommandReport {
            command: "date".to_string(),
            is_short: false,
            rows,
        };
        let libc = [run(Exit::Status(0), 7), run(Exit::Status(0), 8)];
        let row_of = |name: &str, runs: &[Run], libc: &[Run]| {
            let library = (name != "libc").then(|| "x.so".to_string());
            CommandRow::new(name, library, runs.to_vec(), libc)
        };
        let once = [run(Exit::Status(0), 9)];
        let first = report(vec![
            row_of("libc", &libc[..1], &libc[..1]),
            row_of("x", &once, &libc[..1]),
        ]);
        assert_eq!(first.rows[1].notes.len(), 1, "one run of libc seems steady");
        let mut often = report(vec![row_of("libc", &libc, &libc)]);
        often.add_missing(first);
        assert_eq!(often.rows.len(), 2);
        assert_eq!(often.rows[1].notes, [""; 0]);
        assert!(
            often
                .notes()
                .contains("libc: standard output changes from run to run")
        );
    }

    #[test]
    fn a_spread_has_its_median_between_its_ends() {
        let spread = Spread::of(vec![3.0, 1.0, 2.0]).unwrap();
        assert_eq!((spread.min, spread.median, spread.max), (1.0, 2.0, 3.0));
        assert_eq!(Spread::of(Vec::new()), None);
    }
}
