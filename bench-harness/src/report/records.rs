//! Rows as records: a measurement for each figure, and what is no figure attached to it.

use std::path::Path;

use bench_results::{
    Attachment, Case, Family, Linkage, Measurement, Outcome, Results, Role, Subject, Suite,
};
use serde::Serialize;

use super::{Detail, Kind, Latency, Row, WorkloadReport};
use crate::allocators::{self, BASELINE, CONTROL, Entry, Need};
use crate::preload::{CommandReport, CommandRow, Library, Run};

/// The measurements in `reports` of one kind.
pub(crate) fn of<T>(reports: &[T], add: fn(&mut Records, &T)) -> Vec<Measurement> {
    let mut records = Records::default();
    reports.iter().for_each(|one| add(&mut records, one));
    records.0.measurements
}

/// The records of one.
pub(crate) fn all_of<T>(report: &T, add: fn(&mut Records, &T)) -> Results {
    let mut records = Records::default();
    add(&mut records, report);
    records.0
}

/// A figure of the run that is being made.
pub(crate) fn measured(
    subject: &Subject,
    case: &Case,
    metric: &str,
    outcome: Outcome,
) -> Measurement {
    Measurement {
        run: 0,
        subject: subject.clone().into(),
        case: case.clone().into(),
        metric: metric.to_string(),
        outcome,
    }
}

/// The records so far, of the run that is being made.
#[derive(Default)]
pub struct Records(pub Results);

impl Records {
    fn add(&mut self, subject: &Subject, case: &Case, metric: &str, outcome: Outcome) {
        self.0
            .measurements
            .push(measured(subject, case, metric, outcome));
    }

    fn attach(&mut self, case: &Case, subject: Option<Subject>, what: &impl Serialize) {
        let case = case.clone();
        // Only maps whose keys are no strings cannot be written, and there are none.
        let data = serde_json::to_value(what).unwrap_or_default();
        let run = 0;
        self.0.attachments.push(Attachment {
            run,
            case,
            subject,
            data,
        });
    }

    /// A figure, if there is one.
    fn add_one(&mut self, subject: &Subject, case: &Case, metric: &str, figure: Option<f64>) {
        if let Some(figure) = figure {
            self.add(subject, case, metric, Outcome::one(figure));
        }
    }

    /// Replays of one workload.
    pub fn workload(&mut self, workload: &WorkloadReport) {
        let case = Case {
            fingerprint: workload.fingerprint,
            n_ops: Some(workload.n_ops),
            ..Case::new(Suite::Trace, &workload.name)
        };
        self.attach(&case, None, &workload.facts);
        for row in &workload.rows {
            let subject = subject_of(row);
            let none = || missing(row.remarks.broken, row.remarks.notes.first());
            let time = match row.time {
                Some(_) => Outcome::Samples(row.times.clone()),
                None => none(),
            };
            let footprint = match row.footprint.bytes {
                Some(bytes) if row.footprint.is_upper_bound => Outcome::AtMost(bytes as f64),
                Some(bytes) => Outcome::one(bytes as f64),
                None => none(),
            };
            let of_process = subject.family == Family::Process;
            self.add(&subject, &case, "time", time);
            let memory = if of_process { "resident" } else { "footprint" };
            self.add(&subject, &case, memory, footprint);
            let is_known = !row.footprint.is_upper_bound;
            let ratio = row.footprint_ratio.filter(|_| is_known);
            self.add_one(&subject, &case, "footprint_ratio", ratio);
            self.add_one(&subject, &case, "internal", row.footprint.internal);
            self.add_one(&subject, &case, "external", row.footprint.external);
            let faults = row.page_faults.map(|faults| faults as f64);
            self.add_one(&subject, &case, "page_faults", faults);
            self.detail(&subject, &case, &row.remarks.detail);
            self.attach(&case, Some(subject), &row.remarks);
        }
    }

    fn detail(&mut self, subject: &Subject, case: &Case, detail: &Detail) {
        for latency in detail.latency.iter().filter(|one| one.size_up_to.is_none()) {
            for (quantile, time) in quantiles(latency) {
                let metric = format!("latency.{}.{quantile}", call(latency.kind));
                self.add(subject, case, &metric, Outcome::one(time));
            }
        }
        if let Some(memory) = &detail.memory {
            let ratios = [
                ("memory.f1", memory.f1),
                ("memory.f2", memory.f2),
                ("memory.f3", memory.f3),
                ("memory.f4", memory.f4),
            ];
            for (metric, ratio) in ratios {
                self.add(subject, case, metric, Outcome::one(ratio));
            }
            let peak = memory.moments.iter().max_by_key(|moment| moment.live);
            if let Some(waste) = peak.and_then(|peak| peak.waste) {
                let parts = [
                    ("waste.header", waste.header),
                    ("waste.padding", waste.padding),
                    ("waste.rounding", waste.rounding),
                    ("waste.slack", waste.slack),
                ];
                for (metric, bytes) in parts {
                    self.add(subject, case, metric, Outcome::one(bytes as f64));
                }
            }
            let resident = memory.moments.iter().filter_map(|moment| moment.resident);
            let resident: Vec<f64> = resident.map(|bytes| bytes as f64).collect();
            if !resident.is_empty() {
                self.add(
                    subject,
                    case,
                    "resident.moments",
                    Outcome::Samples(resident),
                );
            }
        }
        if let Some(drain) = detail.drain {
            let returned = drain.before.saturating_sub(drain.after_100ms);
            let bytes = [
                ("drain.freed", Some(drain.before)),
                ("drain.returned", Some(returned)),
                ("drain.at_once", Some(drain.at_once)),
                ("drain.after_100ms", Some(drain.after_100ms)),
                ("drain.after_1s", Some(drain.after_1s)),
                ("drain.after_5s", drain.after_5s),
            ];
            for (metric, bytes) in bytes {
                self.add_one(subject, case, metric, bytes.map(|bytes| bytes as f64));
            }
        }
        if let Some(counts) = detail.counts {
            let calls = counts.system_calls.map(|calls| calls as f64);
            self.add_one(subject, case, "instructions", counts.instructions);
            self.add_one(subject, case, "system_calls", calls);
            self.add_one(subject, case, "probes", counts.probes);
            self.add_one(subject, case, "splits", counts.splits);
            self.add_one(subject, case, "merges", counts.merges);
        }
    }

    /// One command.
    pub fn command(&mut self, report: &CommandReport) {
        let case = Case::new(Suite::Program, &report.command).shortened(report.is_short);
        for row in &report.rows {
            let subject = row.subject();
            let figures: [(&str, FigureOf); 5] = [
                ("wall", |run| run.wall),
                ("cpu", Run::cpu),
                ("peak_rss", |run| run.peak_rss as f64),
                ("faults", |run| run.minor_faults as f64),
                ("faults.major", |run| run.major_faults as f64),
            ];
            for (metric, figure) in figures {
                let outcome = match row.broken || row.runs.is_empty() {
                    true => missing(row.broken, row.notes.first()),
                    false => Outcome::Samples(row.runs.iter().map(figure).collect()),
                };
                self.add(&subject, &case, metric, outcome);
            }
            self.attach(&case, Some(subject), &row.runs);
        }
    }
}

/// A figure of one run.
type FigureOf = fn(&Run) -> f64;

impl CommandRow {
    /// Under what the command ran.
    fn subject(&self) -> Subject {
        let words = self.library.as_deref().unwrap_or_default();
        let path = words
            .split(' ')
            .next()
            .filter(|path| path.ends_with(".so") || path.contains(".so."));
        let Some(path) = path else {
            let role = match self.allocator == CONTROL {
                true => Role::Control,
                false => Role::Baseline,
            };
            let libc = Subject::new(&self.allocator, role, Family::Process, Linkage::Linked);
            return Subject {
                setting: words.to_string(),
                ..libc
            };
        };
        let role = match Library::is_stage(Path::new(path)) {
            true => Role::Stage,
            false => Role::Peer,
        };
        let library = Subject::new(&self.allocator, role, Family::Process, Linkage::Preloaded);
        Subject {
            setting: format!("LD_PRELOAD={words}"),
            ..library
        }
    }
}

/// The allocator of a row.
fn subject_of(row: &Row) -> Subject {
    let family = row.need.map_or(Family::Process, family);
    let role = match row.is_stage {
        true => Role::Stage,
        false => role_of(&row.allocator),
    };
    let linkage = match row.is_preloaded {
        true => Linkage::Preloaded,
        false => Linkage::Linked,
    };
    Subject {
        version: row.version.clone(),
        ..Subject::new(&row.allocator, role, family, linkage)
    }
}

/// An allocator of the table.
pub(crate) fn subject(entry: &Entry) -> Subject {
    let role = match entry.role {
        allocators::Role::Stage => Role::Stage,
        allocators::Role::Hidden => Role::Control,
        _ => role_of(entry.name),
    };
    let linkage = match entry.preload {
        Some(_) => Linkage::Preloaded,
        None => Linkage::Linked,
    };
    let family = entry.need().map_or(Family::Process, family);
    Subject {
        version: entry.version.map(str::to_string),
        ..Subject::new(entry.name, role, family, linkage)
    }
}

/// The role of an allocator that is no stage.
fn role_of(name: &str) -> Role {
    match name {
        BASELINE => Role::Baseline,
        CONTROL => Role::Control,
        _ => Role::Peer,
    }
}

fn family(need: Need) -> Family {
    match need {
        Need::Process => Family::Process,
        Need::Fixed => Family::Fixed,
        Need::Arena => Family::Arena,
    }
}

/// No figure, and why.
fn missing(is_broken: bool, note: Option<&String>) -> Outcome {
    let why = note.cloned().unwrap_or_default();
    match is_broken {
        true => Outcome::Failed(why),
        false => Outcome::Stopped(why),
    }
}

fn call(kind: Kind) -> &'static str {
    match kind {
        Kind::Allocate => "allocate",
        Kind::Resize => "resize",
        Kind::Free => "free",
    }
}

fn quantiles(latency: &Latency) -> [(&'static str, f64); 6] {
    [
        ("p50", latency.p50),
        ("p90", latency.p90),
        ("p99", latency.p99),
        ("p99_9", latency.p99_9),
        ("p99_99", latency.p99_99),
        ("max", latency.max),
    ]
}
