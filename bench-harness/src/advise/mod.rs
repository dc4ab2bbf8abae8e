//! Which allocator for a program: the program is recorded, its trace is replayed on everything, and the program
//! itself runs under what could take libc's place.
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

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::allocators::Entry;
use crate::bench::Bench;
use crate::commands::{Interruption, empty_report};
use crate::job::Question;
use crate::limits::{Budget, Limits};
use crate::output::{check_writable, page_beside, print, progress, read_report, write, write_json};
use crate::preload::{CommandReport, Library, Measure, Plan};
use crate::report::{Report, html};
use crate::select::{Peers, Selected, Wishes, workspace};
use crate::trace::record;

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
/// Arms that go on after the first round, beside libc and libc again.
const FINALISTS: usize = 8;

/// `advise`.
///
/// # Errors
///
/// The program cannot be recorded or run, its trace cannot be replayed, or results cannot be written.
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
    /// The replays, and the runs of the program if there is one; `None` if it was interrupted.
    fn measure(mut self, scratch: &TempDir) -> Result<Option<Report>> {
        let trace = match &self.args.trace {
            Some(path) => path.clone(),
            None => self.record(scratch)?,
        };
        // The recording takes the program's own time, which nobody knows before.
        self.start = Instant::now();
        let wishes = Wishes {
            peers: Peers::All,
            traces: vec![trace],
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
        let mut report = empty_report(&entries, &self.libraries, 0, self.reps())?;
        if !self.replay(&selected, &entries, &mut report) {
            return Ok(None);
        }
        if self.args.trace.is_none() {
            let Some(program) = self.run_program()? else {
                return Ok(None);
            };
            report.reps = program.rows.first().map_or(0, |row| row.runs.len());
            report.commands = vec![program];
        }
        report.seconds = self.start.elapsed().as_secs_f64();
        Ok(Some(report.summarised()))
    }

    fn reps(&self) -> usize {
        if self.args.quick { 3 } else { 5 }
    }

    /// Records the program: its trace.
    fn record(&self, scratch: &TempDir) -> Result<PathBuf> {
        eprintln!("recording the program");
        let options = record::Options {
            output: Some(scratch.path().join("program.trace")),
            ..record::Options::new(self.args.command.iter().cloned())
        };
        let summary = record::run(&options)?;
        for warning in &summary.warnings {
            eprintln!("warning: {warning}");
        }
        let all = summary.named.into_iter().chain(summary.others);
        let kept = all.filter(|recorded| recorded.path.is_some());
        let most = kept.max_by_key(|recorded| recorded.n_ops);
        let most = most.context("no process of the program made calls enough to replay")?;
        most.path.context("the trace was not kept")
    }

    /// Verifies and times every allocator on the trace; false if it was interrupted.
    fn replay(&self, selected: &Selected, entries: &[Entry], report: &mut Report) -> bool {
        let limits = match self.args.quick {
            true => Limits::QUICK,
            false => Limits::DEFAULT,
        };
        let budget = Budget::start(Limits {
            run: Duration::from_secs_f64(self.args.seconds() * REPLAYS),
            ..limits
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
        let is_done = done.is_some();
        report.workloads.extend(done);
        is_done
    }

    /// Runs the program: once under everything, then as often as there is time under what did best.
    fn run_program(&self) -> Result<Option<CommandReport>> {
        let words = self.args.command.iter().map(|word| word.to_string_lossy());
        let words: Vec<String> = words.map(|word| word.into_owned()).collect();
        let mut libraries = arms::of_libc();
        for library in &self.libraries {
            libraries.push(library.clone());
            if !self.args.quick {
                libraries.extend(arms::settings(library));
            }
        }
        let plan = Plan {
            text: shell_words::join(&words),
            is_short: false,
            words,
            envs: Vec::new(),
            libraries,
        };
        let deadline = self.start + Duration::from_secs_f64(self.args.seconds());
        let Some(once) = self.rounds(&plan, 1, deadline)? else {
            return Ok(None);
        };
        let libc = once.rows.first().context("libc was not run")?;
        ensure!(
            !libc.runs.is_empty(),
            "`{}` does not run under libc",
            plan.text
        );
        let finalists = Plan {
            libraries: finalists(&plan, &once),
            ..plan
        };
        let most = if self.args.quick {
            QUICK_ROUNDS
        } else {
            MOST_ROUNDS
        };
        let Some(mut often) = self.rounds(&finalists, most, deadline)? else {
            return Ok(None);
        };
        // What was left out is in the table with its one run.
        let is_out = |name: &String| often.rows.iter().all(|row| row.allocator != *name);
        let out: Vec<_> = once
            .rows
            .into_iter()
            .filter(|row| is_out(&row.allocator))
            .collect();
        often.rows.extend(out);
        Ok(Some(often))
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

/// libc again, and the libraries and settings that did best in `once`, in the order of the plan.
fn finalists(plan: &Plan, once: &CommandReport) -> Vec<Library> {
    let cost = |name: &str| {
        let row = once
            .rows
            .iter()
            .find(|row| row.allocator == name && !row.broken)?;
        Some(row.wall?.median * row.peak_rss?.median)
    };
    let mut costs: Vec<f64> = plan
        .libraries
        .iter()
        .filter_map(|library| cost(&library.name))
        .collect();
    costs.sort_by(f64::total_cmp);
    let most = costs.get(FINALISTS).copied().unwrap_or(f64::INFINITY);
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
        let names: Vec<String> = finalists(&plan, &once)
            .into_iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(names.len(), FINALISTS + 1);
        assert_eq!((names[0].as_str(), names[8].as_str()), ("arm 0", "again"));
    }
}
