//! What `bench` does with results that are there already.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use bench_results::cmp::Comparison;
use bench_results::grid::drawn;
use bench_results::means::{self, Column};
use bench_results::{Results, metric, values};

use super::list::list;
use super::results::{check_machines, compare, fill_docs, judge, print_report};
use crate::cli::{BenchAction, BenchArgs, CmpArgs, FileArgs, PageArgs, RankArgs};
use crate::output::{page_beside, print, read_gates, read_results, saved, shown, write};
use crate::report::{Report, html};

/// Does it; why it has failed, if it has.
pub(super) fn run(action: &BenchAction) -> Result<Vec<String>> {
    match action {
        BenchAction::List => list(&[])?,
        BenchAction::Merge { .. } => {
            bail!("parts are put together by `cat part-*.jsonl > whole.jsonl`")
        }
        BenchAction::Show(args) => print_report(false, &Report::of(&read(args)?)?)?,
        BenchAction::Rank(args) => rank(args)?,
        BenchAction::Csv(args) => print(false, &values::lines(&read_all(&args.files)?)?)?,
        BenchAction::Page(args) => page(args)?,
        BenchAction::Book(args) => fill_docs(&Report::of(&read(args)?)?)?,
        BenchAction::Cmp(args) => return cmp(args),
        BenchAction::Gate { gates, files } => {
            return judge(false, &read_gates(gates)?, &read(files)?.pooled()?);
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

/// The results of several files, each run on its own.
fn read_all(files: &[PathBuf]) -> Result<Results> {
    let mut all = Results::default();
    for path in files {
        all.add(read_results(path)?);
    }
    Ok(all)
}

/// The results of several files, together.
fn read(args: &FileArgs) -> Result<Results> {
    let all = read_all(&args.files)?;
    if !args.any_machine {
        all.check_alike()
            .context("the runs are not alike; --any-machine takes them together all the same")?;
    }
    Ok(all)
}

fn rank(args: &RankArgs) -> Result<()> {
    metric::find(&args.metric)?;
    let column = Column {
        title: &args.metric,
        metric: &args.metric,
        over: &args.over,
        is_on: &|_| true,
    };
    let all = read(&args.files)?.pooled()?.measurements;
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
    for run in new.runs.iter().filter(|_| !args.any_machine) {
        check_machines(&run.machine, &old)?;
    }
    let comparison = Comparison::of(&new, &old, &args.old, &args.metric)?;
    compare(false, args.fail_on, &comparison, new.is_interrupted())
}

fn page(args: &PageArgs) -> Result<()> {
    let page = args
        .output
        .clone()
        .or_else(|| page_beside(args.files.files.first()?));
    let page = page.context("where does the page go? Name it with --output")?;
    write(&page, &html::page(&Report::of(&read(&args.files)?)?, None)?)?;
    print(false, &written(&page))
}

fn written(path: &Path) -> String {
    format!("Written to {}.\n", shown(path))
}
