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
use crate::cli::{BenchAction, BenchArgs, MergeArgs, RecordArgs};
use crate::closed_loop::{self, Challenge, ChallengeReport};
use crate::compare::{self, Comparison};
use crate::flat;
use crate::job::Question;
use crate::limits::{Budget, Limits};
use crate::machine::Machine;
use crate::measure::table::details;
use crate::output::{
    ResultArgs, check_writable, is_stdout, print, progress, read_report, shown, write_json,
};
use crate::preload::{self, CommandReport, Library, Measure, Plan};
use crate::record;
use crate::report::{Report, SCHEMA, WorkloadReport, markdown, table};
use crate::resume::Done;
use crate::select::{Selected, Wishes, shipped_traces, workspace};
use crate::shard::{Shard, merge};
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
        return list(args);
    }
    if let Some(BenchAction::Merge(parts)) = &args.action {
        return merge(parts);
    }
    let results = &args.results;
    let baseline = results.read_baseline()?;
    results.check()?;
    let report = match &args.from {
        Some(path) => read_report(path)?,
        None => {
            check_writable(&args.json)?;
            let report = run(args)?;
            write_json(&args.json, &report)?;
            report
        }
    };
    if args.from.is_some() {
        print_report(args, &report)?;
    }
    let comparison = baseline.map(|baseline| {
        let name = results.baseline.clone().unwrap_or_default();
        Comparison::of(&report, &baseline, name)
    });
    publish(args, &report, comparison.as_ref())?;
    if args.docs {
        fill_docs(&report)?;
    }
    if let Some(comparison) = &comparison {
        compare(args, comparison)?;
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

/// Writes what the options ask for beside the JSON.
fn publish(args: &BenchArgs, report: &Report, comparison: Option<&Comparison>) -> Result<()> {
    let files = args
        .results
        .publish(report, comparison, &args.json, args.from.is_none())?;
    for file in files {
        print(is_taken(args), &format!("Written to {}.\n", shown(&file)))?;
    }
    Ok(())
}

/// Prints what changed; an error if that is worse than was allowed.
fn compare(args: &BenchArgs, comparison: &Comparison) -> Result<()> {
    print(is_taken(args), &compare::table::comparison(comparison))?;
    let Some(percent) = args.results.fail_on else {
        return Ok(());
    };
    let worse: Vec<String> = comparison
        .regressions(percent)
        .map(|pair| format!("{} on {}", pair.allocator, pair.workload))
        .collect();
    match worse.is_empty() {
        true => Ok(()),
        false => bail!(
            "worse than {} by more than {percent} %: {}",
            comparison.since,
            worse.join(", ")
        ),
    }
}

/// `bench merge`.
fn merge(args: &MergeArgs) -> Result<()> {
    let parts = args.files.iter().map(|path| read_report(path));
    let (mut whole, warnings) = merge::merge(parts.collect::<Result<_>>()?)?;
    whole.command = command_line();
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
    write_json(&args.output, &whole)?;
    let results = ResultArgs::default();
    let files = results.publish(&whole, None, &args.output, true)?;
    print(is_stdout(&args.output), &table::summary(&whole))?;
    for file in files {
        print(
            is_stdout(&args.output),
            &format!("Written to {}.\n", shown(&file)),
        )?;
    }
    Ok(())
}

/// Whether standard output is for something else than tables.
fn is_taken(args: &BenchArgs) -> bool {
    let files = [
        Some(&args.json),
        args.results.markdown.as_ref(),
        args.results.csv.as_ref(),
    ];
    files.into_iter().flatten().any(|path| is_stdout(path))
}

/// `record`: prints what was recorded on standard error and passes the program's exit status on.
///
/// # Errors
///
/// As [`record::run`].
pub fn record(args: RecordArgs) -> Result<ExitCode> {
    let door = match args.rust {
        true => record::Door::Rust,
        false => record::Door::C,
    };
    let summary = record::run(args.output, door, &args.command)?;
    eprint!("{summary}");
    let status = summary.status;
    // A shell, too, reports a signal as 128 and its number.
    let code = status
        .code()
        .or_else(|| Some(128 + status.signal()?))
        .unwrap_or(1);
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// The allocators to compare, the preloaded ones last.
fn rows(args: &BenchArgs) -> Result<Vec<Entry>> {
    let mut entries = wishes(args).allocators()?;
    for library in &args.preload {
        let name = &library.name;
        if allocators::find(name).is_some() || entries.iter().any(|entry| entry.name == name) {
            bail!("there is another allocator called `{name}`; choose a name for --preload");
        }
        entries.push(library.entry());
    }
    Ok(entries)
}

/// Measures, and prints the table of each workload when it is done.
fn run(args: &BenchArgs) -> Result<Report> {
    let scratch = tempfile::tempdir().context("cannot make a temporary folder")?;
    let entries = match args.command.is_empty() {
        true => rows(args)?,
        false => Vec::new(),
    };
    let reps = args
        .reps
        .map_or(if args.quick { 3 } else { 5 }, usize::from);
    let budget = Budget::start(limits(args));
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&interrupted))?;
    }
    let mut report = empty_report(args, &entries, reps);
    if args.flat {
        let flat = flat::measure(&args.stage, args.seed, reps, &scratch, &interrupted)?;
        print(is_taken(args), &flat::table(&flat))?;
        report.flat = flat;
    } else if args.closed_loop {
        report.closed_loop = challenge_all(args, &entries, &interrupted)?;
    } else if !args.command.is_empty() {
        report.commands = run_commands(args, reps, &interrupted)?;
    } else {
        let workloads = wishes(args).workloads(&scratch)?;
        let shard = args.results.shard.unwrap_or(Shard::WHOLE);
        let parts: Vec<Vec<&Entry>> = (0..workloads.len())
            .map(|index| shard.entries(index, workloads.len(), &entries))
            .collect();
        let questions = args.measures.questions(parts.iter().map(Vec::len).sum());
        if args.measures.instructions && !questions.contains(&Question::Instructions) {
            eprintln!("instructions are not counted: valgrind is not installed");
        }
        let n_children = parts
            .iter()
            .map(|part| Bench::n_children(part.len(), questions.len(), reps));
        let progress = progress(n_children.sum());
        let bench = Bench {
            entries: &[],
            questions: &questions,
            reps,
            cut: cut(args),
            budget: &budget,
            interrupted: &interrupted,
            progress: &progress,
        };
        let work = workloads
            .iter()
            .zip(&parts)
            .filter(|(_, part)| !part.is_empty());
        measure_all(args, &bench, &work.collect::<Vec<_>>(), &mut report)?;
        progress.finish_and_clear();
    }
    report.seconds += budget.elapsed().as_secs_f64();
    report.interrupted = interrupted.load(Ordering::Relaxed);
    let report = report.with_means();
    print(is_taken(args), &table::summary(&report))?;
    Ok(report)
}

/// Measures the commands, and prints the table of each when it is done.
fn run_commands(
    args: &BenchArgs,
    reps: usize,
    interrupted: &AtomicBool,
) -> Result<Vec<CommandReport>> {
    let plans = args.command.iter();
    let plans: Vec<Plan> = plans
        .map(|text| Plan::new(text, &args.preload))
        .collect::<Result<_>>()?;
    let progress = progress(plans.iter().map(|plan| Measure::n_runs(plan, reps)).sum());
    let measure = Measure {
        reps,
        timeout: Duration::from_secs_f64(args.timeout),
        interrupted,
        progress: &progress,
    };
    let mut reports = Vec::new();
    for plan in &plans {
        let Some(report) = measure.command(plan)? else {
            break;
        };
        progress.suspend(|| print(is_taken(args), &preload::table(&report)))?;
        reports.push(report);
    }
    progress.finish_and_clear();
    Ok(reports)
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
            print(is_taken(args), &closed_loop::table(&report))?;
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

/// Measures each workload on its allocators, and keeps what is done after each.
fn measure_all(
    args: &BenchArgs,
    bench: &Bench<'_>,
    work: &[(&Selected, &Vec<&Entry>)],
    report: &mut Report,
) -> Result<()> {
    let mut earlier = match args.results.resume {
        true => Done::read(&args.json, report)?,
        false => Done::default(),
    };
    report.seconds = earlier.seconds;
    for (index, (workload, entries)) in work.iter().enumerate() {
        let bench = Bench { entries, ..*bench };
        let known = earlier.take(workload, entries);
        let is_known = known.is_some();
        let Some(done) = known.or_else(|| bench.measure(workload, work.len() - index)) else {
            break;
        };
        let table = workload_tables(&done);
        bench.progress.suspend(|| print(is_taken(args), &table))?;
        report.workloads.push(done);
        if !is_known {
            keep(args, &bench, report);
        }
    }
    Ok(())
}

/// Writes what is done so far, marked as interrupted: so it is if nothing follows.
fn keep(args: &BenchArgs, bench: &Bench<'_>, report: &Report) {
    if is_stdout(&args.json) {
        return;
    }
    let mut partial = report.clone();
    partial.interrupted = true;
    partial.seconds += bench.budget.elapsed().as_secs_f64();
    if let Err(error) = write_json(&args.json, &partial.with_means()) {
        bench
            .progress
            .suspend(|| eprintln!("warning: {error:#}; the run goes on"));
    }
}

fn workload_tables(workload: &WorkloadReport) -> String {
    table::workload(workload) + &details(workload)
}

fn wishes(args: &BenchArgs) -> Wishes {
    Wishes {
        allocators: args.stage.clone(),
        peers: args.peers,
        workloads: args.workload.clone(),
        traces: args.trace.clone(),
        profiles: args.profile.clone(),
        prefix: args.prefix,
        strict: args.strict,
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
        let library = entry
            .preload
            .as_ref()
            .map(|path| path.display().to_string());
        let version = library.or(entry.version.map(str::to_string))?;
        Some((entry.package.to_string(), version))
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
        commands: Vec::new(),
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
        print(is_taken(args), &workload_tables(workload))?;
    }
    for command in &report.commands {
        print(is_taken(args), &preload::table(command))?;
    }
    if !report.flat.is_empty() {
        print(is_taken(args), &flat::table(&report.flat))?;
    }
    for challenge in &report.closed_loop {
        print(is_taken(args), &closed_loop::table(challenge))?;
    }
    print(is_taken(args), &table::summary(report))
}

fn fill_docs(report: &Report) -> Result<()> {
    for path in markdown::fill(report, &workspace().join("docs/src"))? {
        eprintln!("filled {}", path.display());
    }
    Ok(())
}

/// Allocators and workloads with a line on each.
fn list(args: &BenchArgs) -> Result<()> {
    let mut allocators = table::new_table(&["allocator", "category", "package", "how it works"]);
    let preloaded = args.preload.iter().map(Library::entry);
    for entry in allocators::all()
        .into_iter()
        .chain(preloaded)
        .filter(|entry| entry.role != Role::Hidden)
    {
        let package = match &entry.preload {
            Some(path) => path.display().to_string(),
            None => format!(
                "{} {}",
                entry.package,
                entry.version.unwrap_or("of the system")
            ),
        };
        allocators.add_row([
            entry.name,
            &entry.category.to_string(),
            &package,
            entry.about,
        ]);
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
