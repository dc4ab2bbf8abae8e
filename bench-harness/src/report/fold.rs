//! The rows of tables, from the records of a file.
//!
//! A case whose records have attachments is a replay or a command, with a row for each subject. What has none is
//! figures only.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use bench_results::group::groups;
use bench_results::{Attachment, Case, Measurement, Outcome, Results, Role, Subject, Suite};

use super::records::{Facts, Remarks};
use super::row::Time;
use super::{Report, Row, WorkloadReport};
use crate::allocators::{BASELINE, Need};
use crate::contest::Contest;
use crate::job::Footprint;
use crate::preload::{CommandReport, CommandRow, Run};
use bench_results::{Family, Linkage};

/// What a case is called, with its suite.
type Name = (Suite, String);

fn name(case: &Case) -> Name {
    (case.suite, case.to_string())
}

impl Report {
    /// The tables' rows of `results`; of several runs, with the samples of each figure together.
    ///
    /// # Errors
    ///
    /// Two runs that did other work under one name, or an attachment that this program cannot read.
    pub fn of(results: &Results) -> Result<Self> {
        let baselines = baselines(results);
        let results = results.clone().pooled()?;
        let first = results.runs.first().context("there is no run")?;
        let rowed: HashSet<Name> = results
            .attachments
            .iter()
            .map(|one| name(&one.case))
            .collect();
        let (rows, measurements): (Vec<_>, Vec<_>) = results
            .measurements
            .into_iter()
            .partition(|one| rowed.contains(&name(&one.case)));
        let attached = &results.attachments;
        let of = |suite| {
            let own = rows.iter().filter(move |one| one.case.suite == suite);
            let mut cases: Vec<(&Case, Vec<&Measurement>)> = Vec::new();
            let mut places = HashMap::new();
            for one in own {
                let place = *places.entry(name(&one.case)).or_insert(cases.len());
                match cases.get_mut(place) {
                    Some((_, all)) => all.push(one),
                    None => cases.push((&one.case, vec![one])),
                }
            }
            cases
        };
        let workloads = of(Suite::Trace).into_iter();
        let workloads = workloads.map(|(case, all)| workload(case, &all, attached, &baselines));
        let commands = of(Suite::Program).into_iter();
        let commands = commands.map(|(case, all)| command(case, &all, attached));
        let mut report = Self {
            command: first.command.clone(),
            machine: first.machine.clone(),
            versions: Vec::new(),
            builds: first.builds.clone(),
            seed: first.seed,
            reps: first.reps,
            seconds: results.runs.iter().filter_map(|run| run.seconds).sum(),
            interrupted: results.runs.iter().any(|run| run.seconds.is_none()),
            workloads: workloads.collect::<Result<_>>()?,
            means: Vec::new(),
            answers: Vec::new(),
            contest: first.contest.as_deref().map(Contest::named).transpose()?,
            measurements,
            commands: commands.collect::<Result<_>>()?,
        };
        for run in &results.runs {
            let new = run
                .versions
                .iter()
                .filter(|one| !report.versions.contains(one));
            let new: Vec<_> = new.cloned().collect();
            report.versions.extend(new);
        }
        Ok(report.summarised())
    }
}

/// What the baseline took on each case of each run, if there are several.
fn baselines(results: &Results) -> HashMap<(u32, Name), f64> {
    if results.runs.len() < 2 {
        return HashMap::new();
    }
    let each = results.measurements.iter();
    let times = each.filter(|one| one.metric == "time" && one.subject.name == BASELINE);
    let medians = times.filter_map(|one| Some(((one.run, name(&one.case)), one.outcome.median()?)));
    medians.collect()
}

/// What is attached to `case`, or to a subject on it; `T`'s default if nothing is.
fn attached<T: serde::de::DeserializeOwned + Default>(
    all: &[Attachment],
    case: &Case,
    subject: Option<&str>,
) -> Result<T> {
    let is_it = |one: &&Attachment| {
        one.subject.as_ref().map(|known| known.name.as_str()) == subject
            && one.case.is_called_as(case)
    };
    let Some(found) = all.iter().find(is_it) else {
        return Ok(T::default());
    };
    let read = T::deserialize(&found.data);
    read.with_context(|| format!("what goes with the figures of {case} is not of this version"))
}

fn workload(
    case: &Case,
    measured: &[&Measurement],
    attachments: &[Attachment],
    baselines: &HashMap<(u32, Name), f64>,
) -> Result<WorkloadReport> {
    let facts: Facts = attached(attachments, case, None)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for one in measured {
        let place = *places.entry(&one.subject.name).or_insert(rows.len());
        if place == rows.len() {
            let remarks: Remarks = attached(attachments, case, Some(&one.subject.name))?;
            let baseline_ns = baselines.get(&(one.run, name(case))).copied();
            rows.push(row(&one.subject, remarks, baseline_ns));
        }
        set(&mut rows[place], one, &facts);
    }
    Ok(WorkloadReport {
        name: case.name.clone(),
        about: facts.about,
        fingerprint: case.fingerprint,
        n_ops: case.n_ops.unwrap_or_default(),
        peak_live: facts.peak_live,
        room: facts.room,
        loop_ns: facts.loop_ns,
        harness_ns: facts.harness_ns,
        is_threaded: facts.is_threaded,
        frees_nothing: facts.frees_nothing,
        rows,
    })
}

/// The row of a subject, without figures.
fn row(subject: &Subject, remarks: Remarks, baseline_ns: Option<f64>) -> Row {
    let need = match subject.family {
        Family::Process => Need::Process,
        Family::Fixed => Need::Fixed,
        Family::Arena => Need::Arena,
    };
    Row {
        allocator: subject.name.clone(),
        need: (subject.role != Role::Control).then_some(need),
        version: subject.version.clone(),
        is_stage: subject.role == Role::Stage,
        is_preloaded: subject.linkage == Linkage::Preloaded,
        broken: remarks.broken,
        is_failure: remarks.is_failure,
        time: None,
        times: Vec::new(),
        baseline_ns,
        page_faults: None,
        footprint: Footprint::default(),
        footprint_ratio: None,
        notes: remarks.notes,
        detail: remarks.detail,
    }
}

/// Puts a figure where tables look for it.
fn set(row: &mut Row, one: &Measurement, facts: &Facts) {
    let figure = match one.outcome {
        Outcome::AtMost(most) => Some(most),
        _ => one.outcome.median(),
    };
    match one.metric.as_str() {
        "time" => {
            row.times = one.outcome.samples().to_vec();
            row.time = Time::of(&row.times);
        }
        "footprint" | "resident" => {
            row.footprint.bytes = figure.map(|bytes| bytes as usize);
            row.footprint.is_upper_bound = matches!(one.outcome, Outcome::AtMost(_));
            row.footprint_ratio = figure.map(|bytes| bytes / facts.peak_live.max(1) as f64);
        }
        "internal" => row.footprint.internal = figure,
        "external" => row.footprint.external = figure,
        "page_faults" => row.page_faults = figure.map(|faults| faults as u64),
        _ => {}
    }
}

fn command(
    case: &Case,
    measured: &[&Measurement],
    attachments: &[Attachment],
) -> Result<CommandReport> {
    let runs = |name: &str| attached::<Vec<Run>>(attachments, case, Some(name));
    let baseline = runs(BASELINE)?;
    let mut rows: Vec<CommandRow> = Vec::new();
    for group in groups(measured.iter().copied().filter(|one| one.metric == "wall")) {
        for one in group.each {
            let Subject { name, setting, .. } = &one.subject;
            let words = setting.strip_prefix("LD_PRELOAD=").unwrap_or(setting);
            let library = (name != BASELINE).then(|| words.to_string());
            let runs = runs(name)?;
            rows.push(match runs.is_empty() {
                true => CommandRow::not_run(name, library, one.outcome.why().to_string()),
                false => CommandRow::new(name, library, runs, &baseline),
            });
        }
    }
    Ok(CommandReport {
        command: case.name.clone(),
        is_short: case.params.contains_key(Case::SHORTENED),
        rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::records::Records;
    use crate::report::testing::{environment, row as row_of, workload as workload_of};

    /// One run of a workload and of a command.
    fn one(libc: f64, allocator: &str, time: f64) -> (Results, WorkloadReport, CommandReport) {
        let mut own = row_of(allocator, &[time; 3], 600);
        own.notes = vec!["slow".to_string()];
        own.footprint.is_upper_bound = true;
        let rows = vec![row_of("libc", &[libc; 3], 700), own];
        let workload = workload_of("churn", rows);
        let gone = CommandRow::not_run("gone", Some("x.so".to_string()), "why".to_string());
        let command = CommandReport {
            command: "true".to_string(),
            is_short: false,
            rows: vec![CommandRow::measured("libc", 1.0), gone],
        };
        let mut records = Records::default();
        records.workload(&workload);
        records.command(&command);
        let mut results = records.0;
        results.runs.push(environment());
        (results, workload, command)
    }

    #[test]
    fn rows_that_became_records_come_back() {
        let (results, workload, command) = one(10.0, "talc", 5.0);
        let report = Report::of(&results).unwrap();
        assert_eq!(report.workloads, [workload]);
        assert_eq!(report.commands, [command]);
        assert!(report.measurements.is_empty() && !report.means.is_empty());
    }

    #[test]
    fn a_ratio_is_to_the_baseline_of_its_own_run() {
        // The second run was made while the machine was half as fast.
        let (mut both, ..) = one(10.0, "bump", 5.0);
        let (mut other, ..) = one(20.0, "talc", 10.0);
        other.runs[0].id += 1;
        both.add(other);
        let report = Report::of(&both).unwrap();
        let rows = &report.workloads[0].rows;
        let names: Vec<&str> = rows.iter().map(|row| row.allocator.as_str()).collect();
        assert_eq!(names, ["libc", "bump", "talc"]);
        assert_eq!(
            rows[0].time.unwrap().n_runs,
            6,
            "the baseline's times are pooled"
        );
        let ratios = report.means.iter().skip(1).map(|mean| mean.time_ratio);
        assert_eq!(ratios.collect::<Vec<_>>(), [Some(0.5); 2]);
    }
}
