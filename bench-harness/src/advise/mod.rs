//! Advises on an allocator for a program. It runs the program under each library that could take libc's place, and
//! replays the program's recorded trace on every allocator.
//!
//! | file | what is in it |
//! |---|---|
//! | `args.rs` | the options |
//! | `arms.rs` | libraries and settings to try |
//! | `answer.rs` | what is said in the end |
//!
//! The answer is a view of the records: [`bench_results::advice`].

mod answer;
mod args;
mod arms;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::allocators::Entry;
use crate::bench::Bench;
use crate::commands::{Interruption, empty_report, typed, versions};
use crate::job::Question;
use crate::limits::{Budget, Limits};
use crate::output::{check_writable, page_beside, print, progress, read_report, write, write_json};
use crate::preload::{CommandReport, Library, Measure, Plan};
use crate::report::{Report, WorkloadReport, html};
use crate::select::{Peers, Selected, Wishes, workspace};

pub use args::AdviseArgs;

/// Calls of the trace that a quick run replays.
const QUICK_OPS: usize = 200_000;
/// Of the time, what the replays take.
const REPLAYS: f64 = 0.4;
/// The most rounds of the program.
const MOST_ROUNDS: usize = 25;
const QUICK_ROUNDS: usize = 9;
/// Fewer rounds give no interval.
const FEWEST_ROUNDS: usize = 3;
/// Arms that go on after the first round, beside libc and libc again: fewer of a slow program.
const FEWEST_FINALISTS: usize = 2;
const MOST_FINALISTS: usize = 8;

/// `advise`.
///
/// # Errors
///
/// The program cannot be run, its trace cannot be replayed, or results cannot be written.
pub(crate) fn run(args: &AdviseArgs) -> Result<ExitCode> {
    if let Some(path) = &args.from {
        print(false, &answer::text(&read_report(path)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    let json = args.output.clone().unwrap_or_else(default_json);
    check_writable(&json)?;
    let interruption = Interruption::watch()?;
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let advisor = Advisor {
        args,
        libraries: libraries(args),
        interruption: &interruption,
        start: Instant::now(),
    };
    let Some(report) = advisor.measure(&scratch)? else {
        eprintln!("interrupted: there is no advice");
        return Ok(interruption.exit_code());
    };
    print(false, &answer::text(&report))?;
    write_json(&json, &report)?;
    if let Some(page) = page_beside(&json) {
        write(&page, &html::page(&report, None)?)?;
        println!("\nThe page: {}", page.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn default_json() -> PathBuf {
    workspace().join("target/bench/advise.json")
}

/// What can be preloaded here, as it comes: what is named first, since it is simplest to have.
fn libraries(args: &AdviseArgs) -> Vec<Library> {
    let mut libraries = args.preload.clone();
    libraries.extend(arms::installed(&args.preload));
    libraries
}

/// A run of `advise`.
struct Advisor<'a> {
    args: &'a AdviseArgs,
    libraries: Vec<Library>,
    interruption: &'a Interruption,
    start: Instant,
}

impl Advisor<'_> {
    /// The runs of the program if there is one, and the replays if there is a trace; `None` if it was
    /// interrupted.
    ///
    /// The program comes first: the peak of a process that this one starts is never below this one's own memory,
    /// which a trace makes large.
    fn measure(&self, scratch: &TempDir) -> Result<Option<Report>> {
        let mut report = empty_report(&[], &self.libraries, 0, self.reps())?;
        if !self.args.command.is_empty() {
            let Some(program) = self.run_program()? else {
                return Ok(None);
            };
            report.reps = program.rows.first().map_or(0, |row| row.runs.len());
            report.commands = vec![program];
        }
        if let Some(trace) = &self.args.trace {
            let wishes = Wishes {
                peers: Peers::All,
                traces: vec![trace.clone()],
                cut: self.args.quick.then_some(QUICK_OPS),
                ..Wishes::default()
            };
            let selected = wishes.workloads(scratch)?.remove(0);
            let mut entries = wishes.allocators()?;
            let plain = self
                .libraries
                .iter()
                .filter(|library| library.envs.is_empty());
            entries.extend(plain.filter_map(Library::entry));
            let Some(workload) = self.replay(&selected, &entries) else {
                return Ok(None);
            };
            report.versions = versions(&entries);
            report.workloads = vec![workload];
        }
        report.seconds = self.start.elapsed().as_secs_f64();
        Ok(Some(report.summarised()))
    }

    fn reps(&self) -> usize {
        if self.args.quick { 3 } else { 5 }
    }

    /// Verifies and times every allocator on the trace; `None` if it was interrupted.
    fn replay(&self, selected: &Selected, entries: &[Entry]) -> Option<WorkloadReport> {
        // There is one workload: a row may take its share of all the time that is left.
        let left = self.args.seconds() - self.start.elapsed().as_secs_f64();
        let time = Duration::from_secs_f64(left.max(self.args.seconds() * REPLAYS));
        let budget = Budget::start(Limits {
            replay: time,
            search: time,
            run: time,
        });
        let drain = Question::Drain {
            five_seconds: false,
        };
        let questions = if self.args.quick { &[][..] } else { &[drain] };
        let rows: Vec<&Entry> = entries.iter().collect();
        let n_children = Bench::n_children(rows.len(), questions.len(), self.reps());
        let progress = progress(n_children);
        let bench = Bench {
            entries: &rows,
            questions,
            reps: self.reps(),
            cut: self.args.quick.then_some(QUICK_OPS),
            budget: &budget,
            interrupted: self.interruption.is_set(),
            progress: &progress,
        };
        let done = bench.measure(selected, 1);
        progress.finish_and_clear();
        done
    }

    /// Runs the program: once under everything, then as often as there is time under what did best.
    fn run_program(&self) -> Result<Option<CommandReport>> {
        let plan = self.plan();
        let share = Duration::from_secs_f64(self.args.seconds() * (1.0 - REPLAYS));
        let deadline = self.start + share;
        let Some(once) = self.rounds(&plan, 1, deadline)? else {
            return Ok(None);
        };
        let libc = once.rows.first().and_then(|libc| libc.wall);
        let one = libc
            .with_context(|| format!("`{}` does not run under libc", plan.text))?
            .median;
        let left = deadline.saturating_duration_since(Instant::now());
        let n_arms = (left.as_secs_f64() / one.max(0.001)) as usize / FEWEST_ROUNDS;
        let n = n_arms
            .saturating_sub(2)
            .clamp(FEWEST_FINALISTS, MOST_FINALISTS);
        let libraries = finalists(&plan, &once, n);
        let most = if self.args.quick {
            QUICK_ROUNDS
        } else {
            MOST_ROUNDS
        };
        let Some(mut often) = self.rounds(&Plan { libraries, ..plan }, most, deadline)? else {
            return Ok(None);
        };
        often.add_missing(once);
        Ok(Some(often))
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

    fn rounds(&self, plan: &Plan, reps: usize, deadline: Instant) -> Result<Option<CommandReport>> {
        let progress = progress(Measure::n_runs(plan, reps));
        let measure = Measure {
            reps,
            deadline: Some((FEWEST_ROUNDS, deadline)),
            // A run that takes as long as everything was to take has hung.
            timeout: Duration::from_secs_f64(self.args.seconds().max(60.0)),
            interrupted: self.interruption.is_set(),
            progress: &progress,
        };
        let report = measure.command(plan);
        progress.finish_and_clear();
        report
    }
}

/// libc again, and the `n` libraries and settings that did best in `once`, in the order of the plan.
fn finalists(plan: &Plan, once: &CommandReport, n: usize) -> Vec<Library> {
    let cost = |name: &str| {
        let row = once
            .rows
            .iter()
            .find(|row| row.allocator == name && !row.broken)?;
        // Threads together take more CPU time than time on the wall, which others on the machine add to.
        let time = row.cpu?.median.min(row.wall?.median);
        Some(time * row.peak_rss?.median)
    };
    let mut costs: Vec<f64> = plan
        .libraries
        .iter()
        .filter_map(|library| cost(&library.name))
        .collect();
    costs.sort_by(f64::total_cmp);
    let most = costs.get(n).copied().unwrap_or(f64::INFINITY);
    let is_in = |library: &&Library| {
        let is_control = library.path.is_none() && library.envs.is_empty();
        is_control || cost(&library.name).is_some_and(|cost| cost < most)
    };
    plan.libraries.iter().filter(is_in).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preload::CommandRow;

    #[test]
    fn what_did_best_goes_on_and_libc_again_always_does() {
        let libraries: Vec<Library> = (0..12)
            .map(|n| Library::of_libc(&format!("arm {n}"), vec![("A".to_string(), n.to_string())]))
            .chain([Library::of_libc("again", Vec::new())])
            .collect();
        let plan = Plan {
            libraries,
            ..Plan::new("true", &[]).unwrap()
        };
        let row = |library: &Library| {
            let name = library.name.trim_start_matches("arm ");
            CommandRow::measured(&library.name, name.parse().unwrap_or(99.0))
        };
        let once = CommandReport {
            command: "true".to_string(),
            is_short: false,
            rows: plan.libraries.iter().map(row).collect(),
        };
        let names: Vec<String> = finalists(&plan, &once, 8)
            .into_iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(names.len(), 9);
        assert_eq!((names[0].as_str(), names[8].as_str()), ("arm 0", "again"));
    }
}
