//! A run of the bench: from options to what is measured, and in which order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use bench_results::cmp::nothing_in_common;
use bench_results::grid::drawn;
use bench_results::{Environment, Measurement, Results, lines};
use tempfile::TempDir;

use super::builds;
use super::mode::Mode;
use super::results::{is_taken, workload_tables};
use super::wishes::{cut, libraries, limits, rows, wishes};
use crate::allocators::{BASELINE, Entry};
use crate::arenas;
use crate::bench::Bench;
use crate::cli::BenchArgs;
use crate::closed_loop::{self, Challenge};
use crate::flat;
use crate::global;
use crate::job::Question;
use crate::limits::Budget;
use crate::machine;
use crate::output::{Choice, Log, print, progress};
use crate::preload::{self, Library, Measure, Plan};
use crate::programs::{self, Size};
use crate::report::Report;
use crate::report::records::{self, Records};
use crate::select::{Selected, workspace};
use crate::shard::Shard;
use crate::tight;

/// A workload and the allocators that replay it.
type Work<'a> = (&'a Selected, Vec<&'a Entry>);

/// Measures until it is done or `interrupted`, and prints the table of each workload when it is done.
/// The rows of a run over traces must have something in common with those of `baseline`.
pub(super) fn run(
    args: &BenchArgs,
    interrupted: &AtomicBool,
    baseline: Option<&Results>,
) -> Result<Results> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mode = Mode::of(args);
    check_suite(args, mode, baseline)?;
    let entries = match mode {
        Mode::Command | Mode::Programs | Mode::Arenas => Vec::new(),
        _ => rows(args)?,
    };
    let usual_reps = match mode {
        _ if args.quick => 3,
        Mode::Global | Mode::Contest | Mode::Arenas => 7,
        _ => 5,
    };
    let reps = args.reps.map_or(usual_reps, usize::from);
    let environment = Environment {
        contest: args.contest.map(|contest| contest.name()),
        ..environment(&entries, &args.preload, args.seed, reps)?
    };
    let shard = args.results.shard.unwrap_or(Shard::WHOLE);
    let mut log = Log::new(environment, &args.json, shard);
    if args.results.resume {
        log.resume(&args.json)?;
    }
    match mode {
        Mode::Flat => flat::measure(
            &args.stage,
            args.seed,
            reps,
            &scratch,
            interrupted,
            &mut log,
        )?,
        Mode::Tight => {
            let workloads = wishes(args).workloads(&scratch)?;
            let n_rows = entries.len() * workloads.len();
            let budget = Budget::start(limits(args).for_rows(n_rows));
            tight::measure(&entries, &workloads, reps, &budget, interrupted, &mut log);
        }
        Mode::Arenas => arenas(args, reps, interrupted, &mut log),
        Mode::Global => global_rows(args, &entries, reps, interrupted, &mut log)?,
        Mode::ClosedLoop => challenge_all(args, &entries, interrupted, &mut log),
        Mode::Command | Mode::Programs => {
            let plans = command_plans(args, &scratch)?;
            run_commands(args, &plans, reps, interrupted, &mut log)?;
        }
        Mode::Replay | Mode::Contest => {
            let workloads = wishes(args).workloads(&scratch)?;
            let work = workloads.iter().enumerate().map(|(index, workload)| {
                let entries = shard.entries(index, workloads.len(), &entries);
                (workload, entries)
            });
            let work: Vec<_> = work.filter(|(_, entries)| !entries.is_empty()).collect();
            check_baseline(args, &work, baseline)?;
            replay(args, &work, reps, interrupted, &mut log)?;
        }
        Mode::From | Mode::View | Mode::List => {
            bail!("nothing is measured with {}", mode.option())
        }
    }
    Ok(log.end(interrupted.load(Ordering::Relaxed)))
}

/// Refuses, before anything is measured, a baseline that the run cannot be compared with.
fn check_baseline(args: &BenchArgs, work: &[Work<'_>], baseline: Option<&Results>) -> Result<()> {
    let is_done = |one: &Measurement| {
        let mut work = work.iter();
        work.any(|(workload, entries)| {
            one.case.is_same_work(&workload.case())
                && entries.iter().any(|entry| entry.name == one.subject.name)
        })
    };
    shares(args, baseline, is_done)
}

/// The same for any mode: its cases are of one suite.
fn check_suite(args: &BenchArgs, mode: Mode, baseline: Option<&Results>) -> Result<()> {
    shares(args, baseline, |one| Some(one.case.suite) == mode.suite())
}

fn shares(
    args: &BenchArgs,
    baseline: Option<&Results>,
    is_done: impl Fn(&Measurement) -> bool,
) -> Result<()> {
    let mut earlier = baseline
        .into_iter()
        .flat_map(|results| &results.measurements);
    if baseline.is_none() || earlier.any(is_done) {
        return Ok(());
    }
    bail!(nothing_in_common(
        args.results.baseline.as_deref().unwrap_or_default()
    ))
}

/// Replays all workloads.
fn replay(
    args: &BenchArgs,
    work: &[Work<'_>],
    reps: usize,
    interrupted: &AtomicBool,
    log: &mut Log,
) -> Result<()> {
    let n_rows = work.iter().map(|(_, entries)| entries.len()).sum();
    let budget = Budget::start(limits(args).for_rows(n_rows));
    let contest = args.contest;
    let measures = contest.map_or(args.measures, |contest| contest.measures(args.measures));
    let questions = measures.questions(n_rows);
    if args.measures.instructions && !questions.contains(&Question::Instructions) {
        eprintln!("instructions are not counted: valgrind is not installed");
    }
    let n_children = work
        .iter()
        .map(|(_, entries)| Bench::n_children(entries.len(), questions.len(), reps));
    let progress = progress(n_children.sum());
    let bench = Bench {
        entries: &[],
        questions: &questions,
        reps,
        cut: cut(args),
        budget: &budget,
        interrupted,
        progress: &progress,
    };
    measure_all(args, &bench, work, log)?;
    progress.finish_and_clear();
    Ok(())
}

/// Measures the micro-benchmarks.
fn global_rows(
    args: &BenchArgs,
    entries: &[Entry],
    reps: usize,
    interrupted: &AtomicBool,
    log: &mut Log,
) -> Result<()> {
    let threads = match args.threads {
        Some(n_threads) => vec![n_threads],
        None if args.quick => vec![1, 2],
        None => vec![1, 2, 4],
    };
    let rows = args.global.as_deref().unwrap_or_default();
    let tasks = global::tasks(rows, &threads, args.quick);
    if tasks.is_empty() {
        bail!("nothing to measure: threads that depend on each other need --threads 2 or more");
    }
    let progress = progress(0);
    let measure = global::Measure {
        entries,
        reps,
        interrupted,
        progress: &progress,
    };
    progress.set_length(measure.n_runs(&tasks));
    measure.run(&tasks, log);
    progress.finish_and_clear();
    Ok(())
}

/// Measures the arenas.
fn arenas(args: &BenchArgs, reps: usize, interrupted: &AtomicBool, log: &mut Log) {
    let progress = progress(0);
    let measure = arenas::Measure {
        is_quick: args.quick,
        reps,
        interrupted,
        progress: &progress,
    };
    progress.set_length(measure.n_runs() as u64);
    measure.run(log);
    progress.finish_and_clear();
}

/// The commands of the user, or the programs.
fn command_plans(args: &BenchArgs, scratch: &TempDir) -> Result<Vec<Plan>> {
    let libraries = libraries(args)?;
    let Some(programs) = &args.programs else {
        let plans = args.command.iter();
        return plans.map(|text| Plan::new(text, libraries)).collect();
    };
    let size = Size {
        is_quick: args.quick,
    };
    programs::plans(programs, size, libraries, scratch.path())
}

/// Measures the commands, and prints the table of each when it is done, and their means at the end.
fn run_commands(
    args: &BenchArgs,
    plans: &[Plan],
    reps: usize,
    interrupted: &AtomicBool,
    log: &mut Log,
) -> Result<()> {
    let progress = progress(plans.iter().map(|plan| Measure::n_runs(plan, reps)).sum());
    let measure = Measure {
        reps,
        deadline: None,
        timeout: Duration::from_secs_f64(args.timeout),
        interrupted,
        progress: &progress,
    };
    for (index, plan) in plans.iter().enumerate() {
        let libraries = plan.libraries.iter().map(|library| library.name.as_str());
        let names = std::iter::once(BASELINE).chain(libraries);
        if !log.wants((index, plans.len()), &plan.case(), names) {
            continue;
        }
        let Some(report) = measure.command(plan)? else {
            break;
        };
        progress.suspend(|| print(is_taken(args), &preload::table(&report, drawn)))?;
        log.add_all(records::all_of(&report, Records::command));
    }
    progress.finish_and_clear();
    Ok(())
}

/// Puts the challenges one after the other.
fn challenge_all(args: &BenchArgs, entries: &[Entry], interrupted: &AtomicBool, log: &mut Log) {
    let challenges = challenges(args);
    for (index, challenge) in challenges.iter().enumerate() {
        let names = entries.iter().map(|entry| entry.name);
        if !log.wants((index, challenges.len()), &challenge.case(), names) {
            continue;
        }
        let Some(row) = closed_loop::measure(entries, *challenge, interrupted) else {
            return;
        };
        log.add(row);
    }
}

/// The challenges, with the user's own parameters for filling a heap.
fn challenges(args: &BenchArgs) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Challenge::all(args.seed)
        .into_iter()
        .map(|challenge| challenge.filling(args.heap_len, args.max_size))
        .collect();
    challenges.dedup();
    challenges
}

/// Measures each workload on its allocators, unless an earlier run has it, and prints its table.
fn measure_all(
    args: &BenchArgs,
    bench: &Bench<'_>,
    work: &[Work<'_>],
    log: &mut Log,
) -> Result<()> {
    for (index, (workload, entries)) in work.iter().enumerate() {
        let case = workload.case();
        if log.has(&case, entries.iter().map(|entry| entry.name)) {
            let known = Report::of(log.results())?.workloads;
            let known = known.iter().find(|known| known.name == case.name);
            known.map_or(Ok(()), |known| {
                print(is_taken(args), &workload_tables(known))
            })?;
            continue;
        }
        let bench = Bench { entries, ..*bench };
        let Some(done) = bench.measure(workload, work.len() - index) else {
            break;
        };
        let table = workload_tables(&done);
        bench.progress.suspend(|| print(is_taken(args), &table))?;
        log.add_all(records::all_of(&done, Records::workload));
    }
    Ok(())
}

/// This program on this machine, with a run that begins now.
///
/// # Errors
///
/// A library that cannot be read.
pub(crate) fn environment(
    entries: &[Entry],
    preload: &[Library],
    seed: u64,
    reps: usize,
) -> Result<Environment> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Ok(Environment {
        schema: lines::SCHEMA,
        run: 0,
        id: now.map_or(0, |now| now.as_nanos() as u64),
        command: command_line(),
        machine: machine::here(),
        versions: versions(entries),
        builds: builds::of(entries, preload)?,
        seed,
        reps,
        contest: None,
        seconds: None,
    })
}

/// Name and version of each package, or the library.
pub(crate) fn versions(entries: &[Entry]) -> Vec<(String, String)> {
    let version = |entry: &Entry| {
        let library = entry
            .preload
            .as_ref()
            .map(|path| path.display().to_string());
        let version = library.or(entry.version.map(str::to_string))?;
        Some((entry.package.to_string(), version))
    };
    let mut versions: Vec<_> = entries.iter().filter_map(version).collect();
    versions.dedup();
    versions
}

/// The command as it would be typed in the workspace's folder.
pub(super) fn command_line() -> String {
    let folder = format!("{}/", workspace().display());
    let args = std::env::args().skip(1).map(|arg| arg.replace(&folder, ""));
    format!("cargo xtask {}", typed(&args.collect::<Vec<_>>()))
}

/// Words as a shell takes them.
pub(crate) fn typed(words: &[String]) -> String {
    // `shell_words` would quote `NAME=PATH` as well, which nobody types.
    let is_plain = |c: char| c.is_alphanumeric() || "_-.,:/@+=".contains(c);
    let quoted = words.iter().map(
        |word| match !word.is_empty() && word.chars().all(is_plain) {
            true => word.clone(),
            false => shell_words::quote(word).into_owned(),
        },
    );
    quoted.collect::<Vec<_>>().join(" ")
}
