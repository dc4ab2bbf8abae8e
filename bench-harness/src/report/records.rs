//! A report as records: a measurement for each of its figures, whichever mode made it.

use std::path::Path;

use bench_results::{
    Case, Environment, Family, Linkage, Measurement, Outcome, Results, Role, Subject, Suite,
};

use super::{Detail, Kind, Latency, Report, Row, WorkloadReport};
use crate::allocators::{self, BASELINE, CONTROL, Need};
use crate::arenas::{Arena, LayoutReport};
use crate::closed_loop::{Challenge, ChallengeReport, Figure};
use crate::flat::Curve;
use crate::global::{RowReport, Unit};
use crate::output::choice;
use crate::preload::{CommandReport, CommandRow, Library, Run};
use crate::tight::{Tight, TightEnd};

/// How much of its work a shortened case does, for people.
const SHORTENED: &str = "short";

impl Report {
    /// Everything that was measured.
    pub fn results(&self) -> Results {
        let measurements = [
            of(&self.workloads, Records::workload),
            of(&self.tight, Records::tight),
            of(&self.flat, Records::curve),
            of(&self.global, Records::kernel),
            of(&self.arenas, Records::arenas),
            of(&self.closed_loop, Records::challenge),
            of(&self.commands, Records::command),
        ];
        Results {
            runs: vec![self.environment()],
            measurements: measurements.concat(),
        }
    }

    /// Where and how it was made.
    fn environment(&self) -> Environment {
        Environment {
            run: 0,
            command: self.command.clone(),
            machine: self.machine.clone(),
            versions: self.versions.clone(),
            builds: self.builds.clone(),
            seed: self.seed,
            reps: self.reps,
            interrupted: self.interrupted,
        }
    }
}

/// The measurements in `reports` of one kind.
pub(crate) fn of<T>(reports: &[T], add: fn(&mut Records, &T)) -> Vec<Measurement> {
    let mut records = Records::default();
    reports.iter().for_each(|one| add(&mut records, one));
    records.0
}

/// The measurements so far.
#[derive(Default)]
pub(crate) struct Records(Vec<Measurement>);

impl Records {
    fn add(&mut self, subject: &Subject, case: &Case, metric: &str, outcome: Outcome) {
        self.0.push(Measurement {
            run: 0,
            subject: subject.clone(),
            case: case.clone(),
            metric: metric.to_string(),
            outcome,
        });
    }

    /// A figure, if there is one.
    fn add_one(&mut self, subject: &Subject, case: &Case, metric: &str, figure: Option<f64>) {
        if let Some(figure) = figure {
            self.add(subject, case, metric, Outcome::one(figure));
        }
    }

    /// Replays of one workload.
    pub(crate) fn workload(&mut self, workload: &WorkloadReport) {
        let case = Case {
            fingerprint: workload.fingerprint,
            n_ops: Some(workload.n_ops),
            ..Case::new(Suite::Trace, &workload.name)
        };
        for row in &workload.rows {
            let subject = subject_of(row);
            let none = || missing(row.broken, row.notes.first());
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
            let ratio = row.footprint_ratio.filter(|_| is_known && !of_process);
            self.add_one(&subject, &case, "footprint_ratio", ratio);
            self.add_one(&subject, &case, "internal", row.footprint.internal);
            self.add_one(&subject, &case, "external", row.footprint.external);
            let faults = row.time.filter(|_| of_process);
            let faults = faults.map(|time| time.page_faults as f64);
            self.add_one(&subject, &case, "page_faults", faults);
            self.detail(&subject, &case, &row.detail);
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

    /// Heaps of one length.
    pub(crate) fn tight(&mut self, tight: &Tight) {
        let case = Case {
            fingerprint: tight.fingerprint,
            n_ops: tight.n_ops,
            ..Case::new(Suite::Trace, &tight.workload)
        };
        let case = case.with("heap", tight.over_peak);
        for row in &tight.rows {
            let role = if row.is_peer { Role::Peer } else { Role::Stage };
            let subject = Subject::new(&row.allocator, role, Family::Fixed, Linkage::Linked);
            let outcome = match &row.end {
                TightEnd::Completes { .. } => Outcome::Samples(row.times.clone()),
                TightEnd::OutOfMemory { done } => {
                    Outcome::Stopped(format!("out of memory after {:.1} %", done * 100.0))
                }
                TightEnd::TooSlow => Outcome::Stopped("too slow".to_string()),
                TightEnd::Broken { why } => Outcome::Failed(why.clone()),
            };
            self.add(&subject, &case, "time", outcome);
        }
    }

    fn curve(&mut self, curve: &Curve) {
        let subject = known(&curve.allocator);
        for (index, (n_live, time)) in curve.points.iter().enumerate() {
            let case = Case::new(Suite::Kernel, "live").with("n", n_live);
            let outcome = match time {
                Some(_) => Outcome::Samples(curve.times.get(index).cloned().unwrap_or_default()),
                None => Outcome::Stopped("not finished in the time given".to_string()),
            };
            self.add(&subject, &case, "time", outcome);
        }
    }

    /// One micro-benchmark.
    pub(crate) fn kernel(&mut self, row: &RowReport) {
        let mut case = Case::new(Suite::Kernel, &row.task.row.name());
        if row.label != case.name {
            case = case.with("threads", row.task.n_threads);
        }
        let case = shortened(case, row.task.is_quick);
        let metric = match row.unit {
            Unit::Nanoseconds => "time",
            Unit::Instructions => "instructions",
            Unit::Mebibytes => "left",
            Unit::Kibibytes => "grown",
            Unit::Bytes => "block",
            Unit::PerThousand => "failed",
        };
        for figures in &row.figures {
            let linkage = match figures.is_preloaded {
                true => Linkage::Preloaded,
                false => Linkage::Linked,
            };
            let role = match figures.is_stage {
                true => Role::Stage,
                false => role_of(&figures.allocator),
            };
            let subject = Subject::new(&figures.allocator, role, Family::Process, linkage);
            let outcome = match figures.values.is_empty() {
                true => missing(figures.broken, Some(&figures.note)),
                false => Outcome::Samples(figures.values.clone()),
            };
            self.add(&subject, &case, metric, outcome);
        }
    }

    /// One kind of block in all arenas.
    pub(crate) fn arenas(&mut self, layout: &LayoutReport) {
        let case = Case::new(Suite::Kernel, "arena").with("block", layout.name());
        for cost in &layout.costs {
            let role = match cost.arena {
                Arena::Bump => Role::Stage,
                arena if arena.is_peer() => Role::Peer,
                _ => Role::Control,
            };
            let name = choice::name(&cost.arena);
            let subject = Subject::new(&name, role, Family::Arena, Linkage::Linked);
            let counts = |of: fn(&crate::arenas::Counts) -> f64| cost.counts.as_ref().map(of);
            let outcome = match cost.times.is_empty() {
                true => Outcome::Failed("no process ended with a time".to_string()),
                false => Outcome::Samples(cost.times.clone()),
            };
            self.add(&subject, &case, "time", outcome);
            self.add_one(
                &subject,
                &case,
                "instructions",
                counts(|one| one.instructions),
            );
            self.add_one(&subject, &case, "branches", counts(|one| one.branches));
        }
    }

    fn challenge(&mut self, report: &ChallengeReport) {
        let case = case_of(report);
        for row in &report.rows {
            let subject = known(&row.allocator);
            let metric = match report.challenge {
                Challenge::FillToFailure { .. } => "filled",
                Challenge::Robson { .. } | Challenge::BestFit { .. } => "needed",
            };
            let outcome = match row.figure {
                Some(Figure::Filled { mean, .. }) => Outcome::one(mean),
                Some(Figure::Needed { units, .. } | Figure::Spread { units, .. }) => {
                    Outcome::one(units)
                }
                Some(Figure::NeededMore { than }) => {
                    Outcome::Stopped(format!("more than {than:.0} units"))
                }
                Some(Figure::Unknown) | None => missing(row.broken, Some(&row.note)),
            };
            self.add(&subject, &case, metric, outcome);
            if let Some(Figure::Filled { least, most, .. }) = row.figure {
                self.add(&subject, &case, "filled.least", Outcome::one(least));
                self.add(&subject, &case, "filled.most", Outcome::one(most));
            }
            if let Some(Figure::Needed { header, .. } | Figure::Spread { header, .. }) = row.figure
            {
                self.add(&subject, &case, "header", Outcome::one(header as f64));
            }
        }
    }

    /// One command.
    pub(crate) fn command(&mut self, report: &CommandReport) {
        let case = shortened(Case::new(Suite::Program, &report.command), report.is_short);
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
    let by_memory = match row.footprint.mapped {
        Some(_) => Family::Process,
        None => Family::Fixed,
    };
    let family = row.need.map_or(by_memory, family);
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
fn known(name: &str) -> Subject {
    let entry = allocators::find(name);
    let need = entry.as_ref().and_then(allocators::Entry::need);
    let role = match entry.as_ref().map(|entry| entry.role) {
        Some(allocators::Role::Stage) => Role::Stage,
        Some(allocators::Role::Hidden) => Role::Control,
        _ => role_of(name),
    };
    let family = need.map_or(Family::Process, family);
    Subject {
        version: entry.and_then(|entry| entry.version.map(str::to_string)),
        ..Subject::new(name, role, family, Linkage::Linked)
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

fn shortened(case: Case, is_short: bool) -> Case {
    match is_short {
        true => case.with(Case::SHORTENED, SHORTENED),
        false => case,
    }
}

fn case_of(report: &ChallengeReport) -> Case {
    let case = Case::new(Suite::Adversary, &report.name);
    match report.challenge {
        Challenge::FillToFailure {
            heap,
            largest,
            rounds,
            seed,
        } => case
            .with("heap", heap)
            .with("largest", largest)
            .with("rounds", rounds)
            .with("seed", seed),
        Challenge::Robson { live, .. } | Challenge::BestFit { live, .. } => case.with("live", live),
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
