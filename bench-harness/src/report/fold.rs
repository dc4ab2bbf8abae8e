//! The rows of tables, from the records of a file.
//!
//! A case whose records have attachments is a replay or a command, with a row for each subject. What has none is
//! figures only.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use bench_results::group::by_case;
use bench_results::{
    Attachment, Case, Family, Linkage, Measurement, Outcome, Results, Role, Subject, Suite,
};
use serde::de::DeserializeOwned;

use super::row::Time;
use super::{Facts, Remarks, Report, Row, WorkloadReport};
use crate::allocators::{BASELINE, Need};
use crate::contest::Contest;
use crate::job::Footprint;
use crate::preload::{CommandReport, CommandRow, Run};

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
        let first = results.runs.first().context("there is no run")?;
        let mut report = Self {
            command: first.command.clone(),
            machine: first.machine.clone(),
            versions: Vec::new(),
            builds: first.builds.clone(),
            seed: first.seed,
            reps: first.reps,
            seconds: results.runs.iter().filter_map(|run| run.seconds).sum(),
            interrupted: results.is_interrupted(),
            workloads: Vec::new(),
            means: Vec::new(),
            answers: Vec::new(),
            contest: first.contest.as_deref().map(Contest::named).transpose()?,
            measurements: Vec::new(),
            commands: Vec::new(),
        };
        for version in results.runs.iter().flat_map(|run| &run.versions) {
            if !report.versions.contains(version) {
                report.versions.push(version.clone());
            }
        }
        let baselines = baselines(results);
        let pooled = match results.runs.len() {
            1 => None,
            _ => Some(results.clone().pooled()?),
        };
        let attached = Attached::of(&results.attachments);
        for (case, all) in by_case(&pooled.as_ref().unwrap_or(results).measurements) {
            match (case.suite, attached.cases.contains(&name(case))) {
                (Suite::Trace, true) => {
                    let workload = workload(case, &all, &attached, &baselines)?;
                    report.workloads.push(workload);
                }
                (Suite::Program, true) => report.commands.push(command(case, &all, &attached)?),
                _ => report.measurements.extend(all.into_iter().cloned()),
            }
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

/// What goes with figures, by case and subject.
struct Attached<'a> {
    cases: HashSet<Name>,
    each: HashMap<(Name, &'a str), &'a Attachment>,
}

/// Stands for the name of a subject where something is of the case itself.
const CASE: &str = "";

impl<'a> Attached<'a> {
    fn of(attachments: &'a [Attachment]) -> Self {
        let of = |one: &'a Attachment| one.subject.as_ref().map_or(CASE, |known| &known.name);
        // Of several runs, the first says it.
        let each = attachments.iter().rev();
        Self {
            cases: attachments.iter().map(|one| name(&one.case)).collect(),
            each: each.map(|one| ((name(&one.case), of(one)), one)).collect(),
        }
    }

    /// What is attached to `case`, or to a subject on it; `T`'s default if nothing is.
    fn get<T: DeserializeOwned + Default>(&self, case: &Case, subject: &str) -> Result<T> {
        let Some(found) = self.each.get(&(name(case), subject)) else {
            return Ok(T::default());
        };
        let read = T::deserialize(&found.data);
        read.with_context(|| format!("what goes with the figures of {case} is not of this version"))
    }
}

fn workload(
    case: &Case,
    measured: &[&Measurement],
    attached: &Attached<'_>,
    baselines: &HashMap<(u32, Name), f64>,
) -> Result<WorkloadReport> {
    let facts: Facts = attached.get(case, CASE)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for one in measured {
        let place = *places.entry(&one.subject.name).or_insert(rows.len());
        if place == rows.len() {
            let remarks: Remarks = attached.get(case, &one.subject.name)?;
            let baseline_ns = baselines.get(&(one.run, name(case))).copied();
            rows.push(row(&one.subject, remarks, baseline_ns));
        }
        set(&mut rows[place], one, &facts);
    }
    Ok(WorkloadReport {
        name: case.name.clone(),
        fingerprint: case.fingerprint,
        n_ops: case.n_ops.unwrap_or_default(),
        facts,
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
        time: None,
        times: Vec::new(),
        baseline_ns,
        page_faults: None,
        footprint: Footprint::default(),
        footprint_ratio: None,
        remarks,
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
    attached: &Attached<'_>,
) -> Result<CommandReport> {
    let runs = |name: &str| attached.get::<Vec<Run>>(case, name);
    let baseline = runs(BASELINE)?;
    let mut rows: Vec<CommandRow> = Vec::new();
    for one in measured.iter().filter(|one| one.metric == "wall") {
        let Subject { name, setting, .. } = &*one.subject;
        let words = setting.strip_prefix("LD_PRELOAD=").unwrap_or(setting);
        let library = (name != BASELINE).then(|| words.to_string());
        let runs = runs(name)?;
        rows.push(match runs.is_empty() {
            true => CommandRow::not_run(name, library, one.outcome.why().to_string()),
            false => CommandRow::new(name, library, runs, &baseline),
        });
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
        own.remarks.notes = vec!["slow".to_string()];
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
