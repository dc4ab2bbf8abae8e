//! The sub-commands: from options to a run and its output.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::allocators::{self, Entry, Role};
use crate::bench::Bench;
use crate::cli::{BenchArgs, RecordArgs};
use crate::closed_loop::{self, Challenge, ChallengeReport};
use crate::flat;
use crate::limits::{Budget, Limits};
use crate::machine::{Machine, version_of};
use crate::output::{check_writable, print, progress, read_report, write_report};
use crate::record;
use crate::report::{Report, SCHEMA, markdown, table};
use crate::select::{Selected, Wishes, shipped_traces, workspace};
use crate::workloads::{THREADED, WORKLOADS};

/// Operations of a generated workload.
const N_OPS: usize = 200_000;
/// Operations of any workload in a quick run.
const QUICK_OPS: usize = 20_000;

/// `bench`.
///
/// # Errors
///
/// Bad names, files that cannot be read or written; and, after everything else was done, an
/// allocator that broke a promise.
pub fn bench(args: &BenchArgs) -> Result<()> {
    if args.list {
        return list();
    }
    let report = match &args.from {
        Some(path) => read_report(path)?,
        None => {
            check_writable(&args.json)?;
            let report = run(args)?;
            write_report(&args.json, &report)?;
            report
        }
    };
    if args.from.is_some() {
        print_report(args, &report)?;
    }
    if args.docs {
        fill_docs(&report)?;
    }
    let broken: Vec<String> = report
        .broken()
        .map(|(allocator, workload)| format!("{allocator} on {workload}"))
        .collect();
    match broken.is_empty() {
        true => Ok(()),
        false => bail!("broken: {}", broken.join(", ")),
    }
}

/// `record`: prints what was recorded on standard error and passes the program's exit status on.
///
/// # Errors
///
/// As [`record::run`].
pub fn record(args: RecordArgs) -> Result<ExitCode> {
    let summary = record::run(args.output, &args.command)?;
    eprint!("{summary}");
    let status = summary.status;
    // A shell, too, reports a signal as 128 and its number.
    let code = status
        .code()
        .or_else(|| Some(128 + status.signal()?))
        .unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// Measures, and prints the table of each workload when it is done.
fn run(args: &BenchArgs) -> Result<Report> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let entries = wishes(args).allocators()?;
    let reps = args
        .reps
        .map_or(if args.quick { 3 } else { 5 }, usize::from);
    let budget = Budget::start(limits(args));
    let interrupted = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&interrupted))?;
    let mut report = empty_report(args, &entries, reps);
    if args.flat {
        let flat = flat::measure(&args.stage, args.seed, reps, &scratch, &interrupted)?;
        print(&args.json, &flat::table(&flat))?;
        report.flat = flat;
    } else if args.closed_loop {
        report.closed_loop = challenge_all(args, &entries, &interrupted)?;
    } else {
        let workloads = wishes(args).workloads(&scratch)?;
        let progress = progress(workloads.len() * Bench::n_children(entries.len(), reps));
        let bench = Bench {
            entries: &entries,
            reps,
            cut: cut(args),
            budget: &budget,
            interrupted: &interrupted,
            progress: &progress,
        };
        measure_all(args, &bench, &workloads, &mut report)?;
        progress.finish_and_clear();
    }
    report.seconds = budget.elapsed().as_secs_f64();
    report.interrupted = interrupted.load(Ordering::Relaxed);
    let report = report.with_means();
    print(&args.json, &table::summary(&report))?;
    Ok(report)
}

/// Puts the challenges one after the other and prints the table of each when it is done.
fn challenge_all(
    args: &BenchArgs,
    entries: &[Entry],
    interrupted: &AtomicBool,
) -> Result<Vec<ChallengeReport>> {
    let mut reports = Vec::new();
    for challenge in challenges(args) {
        for report in closed_loop::measure(entries, &[challenge], interrupted) {
            print(&args.json, &closed_loop::table(&report))?;
            reports.push(report);
        }
    }
    Ok(reports)
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

fn measure_all(
    args: &BenchArgs,
    bench: &Bench<'_>,
    workloads: &[Selected],
    report: &mut Report,
) -> Result<()> {
    for (index, workload) in workloads.iter().enumerate() {
        let Some(done) = bench.measure(workload, workloads.len() - index) else {
            break;
        };
        let table = table::workload(&done);
        bench.progress.suspend(|| print(&args.json, &table))?;
        report.workloads.push(done);
    }
    Ok(())
}

fn wishes(args: &BenchArgs) -> Wishes {
    Wishes {
        allocators: args.stage.clone(),
        workloads: args.workload.clone(),
        traces: args.trace.clone(),
        profiles: args.profile.clone(),
        prefix: args.prefix,
        seed: args.seed,
        n_threads: args.threads,
        n_ops: cut(args).unwrap_or(N_OPS),
        cut: cut(args),
    }
}

fn cut(args: &BenchArgs) -> Option<usize> {
    let quick = args.quick.then_some(QUICK_OPS);
    args.ops.map(|ops| ops as usize).or(quick)
}

fn limits(args: &BenchArgs) -> Limits {
    let limits = if args.quick {
        Limits::QUICK
    } else {
        Limits::DEFAULT
    };
    match args.time_limit {
        Some(seconds) => limits.with_replay(Duration::from_secs_f64(seconds)),
        None => limits,
    }
}

fn empty_report(args: &BenchArgs, entries: &[Entry], reps: usize) -> Report {
    let version = |entry: &Entry| {
        let version = version_of(entry.package)?;
        Some((entry.package.to_string(), version.to_string()))
    };
    let mut versions: Vec<_> = entries.iter().filter_map(version).collect();
    versions.dedup();
    Report {
        schema: SCHEMA,
        command: command_line(),
        machine: Machine::here(),
        versions,
        seed: args.seed,
        reps,
        seconds: 0.0,
        interrupted: false,
        workloads: Vec::new(),
        means: Vec::new(),
        flat: Vec::new(),
        closed_loop: Vec::new(),
    }
}

/// The command as it would be typed.
fn command_line() -> String {
    let args = std::env::args().skip(1);
    let words: Vec<String> = std::iter::once("cargo xtask".to_string())
        .chain(args)
        .collect();
    words.join(" ")
}

fn print_report(args: &BenchArgs, report: &Report) -> Result<()> {
    for workload in &report.workloads {
        print(&args.json, &table::workload(workload))?;
    }
    if !report.flat.is_empty() {
        print(&args.json, &flat::table(&report.flat))?;
    }
    for challenge in &report.closed_loop {
        print(&args.json, &closed_loop::table(challenge))?;
    }
    print(&args.json, &table::summary(report))
}

fn fill_docs(report: &Report) -> Result<()> {
    for path in markdown::fill(report, &workspace().join("docs/src"))? {
        eprintln!("filled {}", path.display());
    }
    Ok(())
}

/// Allocators and workloads with a line on each.
fn list() -> Result<()> {
    let mut allocators = table::new_table(&["allocator", "version", "memory", "how it works"]);
    for entry in allocators::all()
        .iter()
        .filter(|entry| entry.role != Role::Hidden)
    {
        let version = version_of(entry.package).unwrap_or("the system's");
        let memory = format!("{:?}", entry.memory).to_lowercase();
        allocators.add_row([entry.name, version, &memory, entry.about]);
    }
    let mut workloads = table::new_table(&["workload", "what it is", "exposes"]);
    for (name, path) in shipped_traces()? {
        let trace = crate::trace::Trace::load(path)?;
        workloads.add_row([name, crate::select::about(&trace), String::new()]);
    }
    for workload in WORKLOADS {
        let exposed = format!("{}: {}", workload.exposes, workload.weakness);
        workloads.add_row([workload.name, workload.question, &exposed]);
    }
    for workload in THREADED {
        let exposed = format!("{}: {}", workload.exposes, workload.weakness);
        workloads.add_row([workload.name, workload.question, &exposed]);
    }
    let mut challenges = table::new_table(&["with --closed-loop", "what it is"]);
    for challenge in Challenge::all(0) {
        challenges.add_row([challenge.name().as_str(), challenge.question()]);
    }
    let mut stdout = io::stdout();
    let _ = writeln!(stdout, "{allocators}\n\n{workloads}\n\n{challenges}");
    Ok(())
}
