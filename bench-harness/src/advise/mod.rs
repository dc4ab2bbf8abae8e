//! Advises on an allocator for a program. It runs the program under each library that could take libc's place, and
//! replays the program's recorded trace on every allocator.
//!
//! | file | what is in it |
//! |---|---|
//! | `args.rs` | the options |
//! | `arms.rs` | libraries and settings to try |
//! | `program.rs` | the program's runs, in their share of the time |
//! | `replays.rs` | the replays of its trace, in theirs |
//! | `steady.rs` | whether the program does the same each time |
//! | `said.rs` | what was said before, which stands until a run contradicts it |
//! | `linked.rs` | the allocator that libc stands for |
//! | `answer.rs` | what is said in the end |
//!
//! The answer is a view of the records: [`bench_results::advice`].

mod answer;
mod args;
mod arms;
mod linked;
mod program;
mod replays;
mod said;
mod steady;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use bench_results::{Results, lines};
use tempfile::TempDir;

use crate::commands::{Interruption, environment, typed, versions};
use crate::output::{check_writable, page_beside, print, read_results, write};
use crate::preload::{Library, Plan};
use crate::report::records::{self, Records};
use crate::report::{Report, html};
use crate::select::workspace;
use program::{Ran, Runs};
use replays::Replays;
use said::Said;

pub use args::AdviseArgs;

/// Calls of the trace that a quick run replays.
const QUICK_OPS: usize = 200_000;
/// Of the time, what the replays take.
const REPLAYS: f64 = 0.4;
/// The most rounds of the program.
const MOST_ROUNDS: usize = 25;
const QUICK_ROUNDS: usize = 9;

/// `advise`.
///
/// # Errors
///
/// The program cannot be run, its trace cannot be replayed, or results cannot be written.
pub(crate) fn run(args: &AdviseArgs) -> Result<ExitCode> {
    if let Some(path) = &args.from {
        let results = read_results(path)?;
        let report = Report::of(&results)?;
        let mut said = Said::read(path).on(about(&report));
        print(false, &answer::text(&results, &report, &mut said))?;
        return Ok(ExitCode::SUCCESS);
    }
    let json = args.output.clone().unwrap_or_else(default_json);
    check_writable(&json)?;
    let interruption = Interruption::watch()?;
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let (installed, missing) = arms::installed(&args.preload);
    eprint!("{missing}");
    let advisor = Advisor {
        args,
        // What is named comes first, since it is simplest to have.
        libraries: args.preload.iter().cloned().chain(installed).collect(),
        interruption: &interruption,
        start: Instant::now(),
    };
    let Some((results, notes)) = advisor.measure(&json, &scratch)? else {
        eprintln!("interrupted: there is no advice");
        return Ok(interruption.exit_code());
    };
    let report = Report::of(&results)?;
    let mut said = Said::read(&json).on(about(&report));
    print(false, &linked::text(args.trace.as_deref()))?;
    print(false, &answer::text(&results, &report, &mut said))?;
    print(false, &(notes + &missing))?;
    write(&json, &lines::of(&results)?)?;
    said.write(&json)?;
    if let Some(page) = page_beside(&json) {
        write(&page, &html::page(&report, None)?)?;
        println!("\nThe page: {}", page.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The program and everything that it ran on: what is said of one says nothing of another.
fn about(report: &Report) -> String {
    let programs = report.commands.iter().map(|command| &command.command);
    let traces = report.workloads.iter().map(|workload| &workload.name);
    let names: Vec<&String> = programs.chain(traces).collect();
    format!("{names:?} {:?} {:?}", report.machine, report.builds)
}

fn default_json() -> PathBuf {
    workspace().join("target/bench/advise.jsonl")
}

/// A run of `advise`.
struct Advisor<'a> {
    args: &'a AdviseArgs,
    libraries: Vec<Library>,
    interruption: &'a Interruption,
    start: Instant,
}

impl Advisor<'_> {
    /// The runs of the program if there is one, and the replays if there is a trace, with notes on what there was
    /// no time for; `None` if it was interrupted.
    ///
    /// The program comes first: the peak of a process that this one starts is never below this one's own memory,
    /// which a trace makes large.
    fn measure(&self, json: &Path, scratch: &TempDir) -> Result<Option<(Results, String)>> {
        let mut environment = environment(&[], &self.libraries, 0, self.reps())?;
        let mut results = Results::default();
        let mut notes = String::new();
        if !self.args.command.is_empty() {
            match self.runs(json).measure(self.plan())? {
                Ran::Interrupted => return Ok(None),
                Ran::TooLong(seconds) => {
                    let seconds = seconds / self.share();
                    notes += &format!(
                        "There was no time to run the program under anything; --time {seconds:.0} has it.\n"
                    );
                }
                Ran::Whole(program, untried) => {
                    if !untried.is_empty() {
                        notes += &format!("There was no time to try: {}.\n", untried.join(", "));
                    }
                    environment.reps = program.rows.first().map_or(0, |row| row.runs.len());
                    results = records::all_of(&program, Records::command);
                }
            }
        }
        if let Some(trace) = &self.args.trace {
            let Some(replayed) = self.replays(trace).run(scratch)? else {
                return Ok(None);
            };
            environment.versions = versions(&replayed.entries);
            let replays = records::all_of(&replayed.report, Records::workload);
            results.measurements.extend(replays.measurements);
            results.attachments.extend(replays.attachments);
            notes += &replayed.note;
        }
        environment.seconds = Some(self.start.elapsed().as_secs_f64());
        results.runs.push(environment);
        Ok(Some((results, notes)))
    }

    fn reps(&self) -> usize {
        if self.args.quick { 3 } else { 5 }
    }

    /// Of the time, what the program's runs take.
    fn share(&self) -> f64 {
        match self.args.trace {
            Some(_) => 1.0 - REPLAYS,
            None => 1.0,
        }
    }

    /// How the program is run, in its share of the time.
    fn runs(&self, json: &Path) -> Runs<'_> {
        Runs {
            end: self.start + Duration::from_secs_f64(self.args.seconds() * self.share()),
            most_rounds: if self.args.quick {
                QUICK_ROUNDS
            } else {
                MOST_ROUNDS
            },
            favourite: Said::read(json).pick(answer::MALLOC).map(str::to_string),
            interrupted: self.interruption.is_set(),
        }
    }

    /// How `trace` is replayed, in the time that is left.
    fn replays<'a>(&'a self, trace: &'a Path) -> Replays<'a> {
        let plain = self
            .libraries
            .iter()
            .filter(|library| library.envs.is_empty());
        let left = self.args.seconds() - self.start.elapsed().as_secs_f64();
        Replays {
            trace,
            libraries: plain.filter_map(Library::entry).collect(),
            // A program of a moment leaves more than it takes to replay its trace.
            seconds: left.max(1.0),
            most_ops: if self.args.quick {
                QUICK_OPS
            } else {
                usize::MAX
            },
            reps: self.reps(),
            interruption: self.interruption,
        }
    }

    /// The program and what it is to run under.
    fn plan(&self) -> Plan {
        let words = self.args.command.iter().map(|word| word.to_string_lossy());
        let words: Vec<String> = words.map(|word| word.into_owned()).collect();
        let envs = self.args.envs.iter();
        let envs = envs.map(|(name, value)| format!("{name}={value}"));
        let mut libraries = arms::of_libc();
        for library in &self.libraries {
            libraries.push(library.clone());
            if !self.args.quick {
                libraries.extend(arms::settings(library));
            }
        }
        Plan {
            text: typed(&envs.chain(words.iter().cloned()).collect::<Vec<_>>()),
            is_short: false,
            words,
            envs: self.args.envs.clone(),
            libraries,
        }
    }
}
