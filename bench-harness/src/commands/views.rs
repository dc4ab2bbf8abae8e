//! What `bench` does with results that are there already.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bench_results::cmp::Comparison;
use bench_results::grid::drawn;
use bench_results::means::{self, Column};
use bench_results::{Environment, Measurement, Results, metric, values};

use super::list::list;
use super::results::{compare, fill_docs, judge, merge, print_report};
use crate::cli::{BenchAction, BenchArgs, CmpArgs, PageArgs, RankArgs};
use crate::output::{
    page_beside, print, read_gates, read_report, read_results, saved, shown, write,
};
use crate::report::{html, tables};

/// Does it; why it has failed, if it has.
pub(super) fn run(action: &BenchAction) -> Result<Vec<String>> {
    match action {
        BenchAction::List => list(&[])?,
        BenchAction::Merge(parts) => merge(parts)?,
        BenchAction::Show(args) => show(&args.files)?,
        BenchAction::Rank(args) => rank(args)?,
        BenchAction::Csv(args) => print(false, &values::lines(&read(&args.files)?)?)?,
        BenchAction::Page(args) => page(args)?,
        BenchAction::Book { file } => fill_docs(&read_report(file)?.summarised())?,
        BenchAction::Cmp(args) => return cmp(args),
        BenchAction::Gate { gates, files } => {
            return judge(false, &read_gates(gates)?, &read(&files.files)?);
        }
    }
    Ok(Vec::new())
}

/// How options are spelled now that say what to do with results.
pub(super) fn spelling(args: &BenchArgs) -> Option<String> {
    if args.list {
        return Some("list".to_string());
    }
    let file = args.from.as_ref()?.display();
    let results = &args.results;
    Some(match (&results.baseline, &results.gate) {
        (Some(old), _) => format!("cmp {file} {old}"),
        (_, Some(gates)) => format!("gate {} {file}", gates.display()),
        _ if args.docs => format!("book {file}"),
        _ if results.csv.is_some() => format!("csv {file}"),
        _ if results.html.is_some() => format!("page {file}"),
        _ => format!("show {file}"),
    })
}

/// The results of several files.
fn read(files: &[PathBuf]) -> Result<Results> {
    let mut all = Results::default();
    for path in files {
        let Results { runs, measurements } = read_results(path)?;
        let first = all.runs.len() as u32;
        all.runs.extend(runs.into_iter().map(|run| Environment {
            run: first + run.run,
            ..run
        }));
        let measured = measurements.into_iter().map(|one| Measurement {
            run: first + one.run,
            ..one
        });
        all.measurements.extend(measured);
    }
    Ok(all)
}

fn show(files: &[PathBuf]) -> Result<()> {
    let is_records = |path: &&PathBuf| path.extension().is_some_and(|end| end == "jsonl");
    let (records, reports): (Vec<&PathBuf>, Vec<&PathBuf>) = files.iter().partition(is_records);
    for path in reports {
        print_report(false, &read_report(path)?.summarised())?;
    }
    let records: Vec<PathBuf> = records.into_iter().cloned().collect();
    print(false, &tables(&read(&records)?.measurements, None, drawn))
}

fn rank(args: &RankArgs) -> Result<()> {
    metric::find(&args.metric)?;
    let column = Column {
        title: &args.metric,
        metric: &args.metric,
        over: &args.over,
        is_on: &|_| true,
    };
    let all = read(&args.files.files)?.measurements;
    let mut lines = means::lines(&all, &[column]);
    if let Some(lines) = lines.get_mut(1..) {
        // What has no mean comes last.
        let mean = |line: &Vec<String>| line[1].parse::<f64>().unwrap_or(f64::INFINITY);
        lines.sort_by(|a, b| mean(a).total_cmp(&mean(b)));
    }
    print(false, &drawn(&lines))
}

fn cmp(args: &CmpArgs) -> Result<Vec<String>> {
    let old = read_results(&saved::find(&args.old)?)?;
    let new = read_results(&args.new)?;
    let comparison = Comparison::of(&new, &old, &args.old, &args.metric)?;
    let is_interrupted = new.runs.iter().any(|run| run.interrupted);
    compare(false, args.fail_on, &comparison, is_interrupted)
}

fn page(args: &PageArgs) -> Result<()> {
    let page = args.output.clone().or_else(|| page_beside(&args.file));
    let page = page.context("where does the page go? Name it with --output")?;
    write(
        &page,
        &html::page(&read_report(&args.file)?.summarised(), None)?,
    )?;
    print(false, &written(&page))
}

fn written(path: &Path) -> String {
    format!("Written to {}.\n", shown(path))
}
