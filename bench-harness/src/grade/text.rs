//! The grade as text: one table, the reasons, the first failure, and what to do next.

use std::fmt::Write;

use core_api::testing::Program;

use super::points::{CONTRACT, MEMORY, SPEED, Speed, Trace, mean};
use super::promises::{Outcome, Promise, Promises};
use super::{REFERENCE, STAGES};
use crate::allocators::BASELINE;
use crate::report::WorkloadReport;
use crate::report::units::{nanos, percent};
use bench_results::grid::{align_right, new_table};

/// Everything that is printed.
pub(super) fn of(
    name: &str,
    promises: &Promises,
    shrunk: Option<&Program>,
    reports: &[WorkloadReport],
    speed: Speed,
) -> String {
    let own = Trace::of(name, reports, speed);
    let mut text = table(name, promises, reports, speed);
    text += &losses(promises, &own, speed);
    text += &first_failure(promises);
    text += &last_program(promises, shrunk);
    text + &next(promises, &own)
}

/// What an allocator earned for each part.
struct Points {
    contract: f64,
    memory: f64,
    speed: f64,
}

impl Points {
    fn of(kept: f64, traces: &[Trace<'_>]) -> Self {
        Self {
            contract: CONTRACT * kept,
            memory: MEMORY * mean(traces, Trace::memory),
            speed: SPEED * mean(traces, Trace::speed),
        }
    }

    fn total(&self) -> f64 {
        self.contract + self.memory + self.speed
    }
}

fn kept(promises: &Promises) -> f64 {
    promises.n_kept() as f64 / promises.len().max(1) as f64
}

/// A line for the allocator and for each one that it is compared with.
fn table(name: &str, promises: &Promises, reports: &[WorkloadReport], speed: Speed) -> String {
    let unit = format!("{}/op", speed.unit());
    let contract = format!("contract /{CONTRACT}");
    let (memory, fast) = (format!("memory /{MEMORY}"), format!("speed /{SPEED}"));
    let header = [
        "allocator",
        "promises kept",
        "utilisation",
        unit.as_str(),
        contract.as_str(),
        memory.as_str(),
        fast.as_str(),
        "total /100",
    ];
    let mut table = new_table(&header);
    let others = STAGES.into_iter().chain([BASELINE]);
    let others = others.filter(|other| *other != name && !reports.is_empty());
    for allocator in [name].into_iter().chain(others) {
        let traces = Trace::of(allocator, reports, speed);
        let is_own = allocator == name;
        // The stages' own tests run the contract; libc's `malloc` promises less than the contract asks.
        let points = Points::of(if is_own { kept(promises) } else { 1.0 }, &traces);
        let promises = match is_own {
            true => format!("{} of {}", promises.n_kept(), promises.len()),
            false => "not asked".to_string(),
        };
        table.add_row(vec![
            allocator.to_string(),
            promises,
            figure(&traces, Trace::utilisation, percent),
            figure(&traces, Trace::cost, nanos),
            format!("{:.1}", points.contract),
            format!("{:.1}", points.memory),
            format!("{:.1}", points.speed),
            format!("{:.1}", points.total()),
        ]);
    }
    align_right(&mut table, 1..header.len());
    let note = match reports.is_empty() {
        true => "",
        false => {
            "Utilisation is peak live bytes over the heap that is needed, the mean of the traces. The stages' own\n\
             tests try the promises; libc's malloc does not make all of them, and gets the points all the same.\n"
        }
    };
    format!("\n{table}\n{note}\n")
}

/// The mean over the traces, and how many have no figure.
fn figure<'a>(
    traces: &[Trace<'a>],
    of: impl Fn(&Trace<'a>) -> Option<f64>,
    show: impl Fn(f64) -> String,
) -> String {
    let figures: Vec<f64> = traces.iter().filter_map(of).collect();
    if figures.is_empty() {
        return "–".to_string();
    }
    let mean = figures.iter().sum::<f64>() / figures.len() as f64;
    match traces.len() - figures.len() {
        0 => show(mean),
        _ => format!("{} ({} of {})", show(mean), figures.len(), traces.len()),
    }
}

/// Points below this are not worth a line.
const LITTLE: f64 = 0.05;

/// Where points were lost, and why.
fn losses(promises: &Promises, traces: &[Trace<'_>], speed: Speed) -> String {
    let mut lines = Vec::new();
    let each = CONTRACT / promises.len().max(1) as f64;
    for (fault, scenarios) in promises.by_fault() {
        let lost = each * scenarios.len() as f64;
        lines.push((lost, format!("{}: {}", fault.name(), scenarios.join(", "))));
    }
    let n_untried = promises.len() - promises.n_kept() - promises.faults().count();
    if n_untried > 0 {
        let what = format!("{n_untried} promises were not tried after that");
        lines.push((each * n_untried as f64, what));
    }
    if traces.is_empty() {
        let what = "the traces need an allocator that serves its first request and always returns";
        lines.push((MEMORY + SPEED, what.to_string()));
    }
    let n_traces = traces.len().max(1) as f64;
    for trace in traces {
        let memory = (1.0 - trace.memory()) * MEMORY / n_traces;
        let fast = (1.0 - trace.speed()) * SPEED / n_traces;
        let name = trace.name;
        if trace.utilisation().is_none() && trace.cost().is_none() {
            lines.push((memory + fast, format!("{name}: {}", trace.trouble())));
            continue;
        }
        lines.push((memory, format!("{name}: {}", memory_reason(trace))));
        lines.push((fast, format!("{name}: {}", speed_reason(trace, speed))));
    }
    lines.retain(|(lost, _)| *lost >= LITTLE);
    if lines.is_empty() {
        return "No points were lost.\n".to_string();
    }
    let mut text = "Points lost:\n".to_string();
    for (lost, why) in lines {
        let _ = writeln!(text, "  −{lost:<5.1} {why}");
    }
    text
}

fn memory_reason(trace: &Trace<'_>) -> String {
    let Some((own, reference)) = trace.utilisation().zip(trace.reference_utilisation()) else {
        return trace.trouble().to_string();
    };
    let (own, reference) = (percent(own), percent(reference));
    format!("{own} of the heap that it needs is in use at the peak; {REFERENCE}: {reference}")
}

fn speed_reason(trace: &Trace<'_>, speed: Speed) -> String {
    let figure = |cost: Option<f64>| cost.map_or_else(|| "–".to_string(), nanos);
    if trace.cost().is_none() {
        return trace.trouble().to_string();
    }
    let (own, reference) = (figure(trace.cost()), figure(trace.reference_cost()));
    format!(
        "{own} {} an operation; {REFERENCE}: {reference}",
        speed.unit()
    )
}

/// The first broken promise; and a program that shows one, if another promise has it.
fn first_failure(promises: &Promises) -> String {
    let mut faults = promises.faults();
    let Some((first, fault)) = faults.next() else {
        return String::new();
    };
    let mut text = format!("\nThe first failure: it {}\n{}", fault.name(), story(first));
    if program(first).is_none()
        && let Some((other, fault)) = faults.find(|(promise, _)| program(promise).is_some())
    {
        let _ = write!(
            text,
            "\nThe shortest program that shows a failure: it {}\n{}",
            fault.name(),
            story(other)
        );
    }
    text
}

/// The shortest program on which the process dies.
fn last_program(promises: &Promises, shrunk: Option<&Program>) -> String {
    let Some((program, death)) = shrunk.zip(promises.death()) else {
        return String::new();
    };
    let what = match death.is_hang() {
        true => "never returns from",
        false => "crashes on",
    };
    let ops: Vec<String> = program
        .ops()
        .iter()
        .map(|op| format!("    {op}\n"))
        .collect();
    format!(
        "\nThe shortest program found that it {what}:\n{}",
        ops.concat()
    )
}

fn program(promise: &Promise) -> Option<&str> {
    match &promise.outcome {
        // An allocator that refuses everything fails without a single operation.
        Outcome::Broken(broken) => broken
            .program
            .as_deref()
            .filter(|program| !program.is_empty()),
        _ => None,
    }
}

fn story(promise: &Promise) -> String {
    let mut text = format!("  promise: {}\n", promise.scenario);
    match &promise.outcome {
        Outcome::Broken(broken) => {
            if !broken.form.is_empty() {
                let _ = writeln!(text, "  form: {}", broken.form);
            }
            let _ = writeln!(text, "  seen: {}", broken.what.replace('\n', "\n    "));
            if let Some(program) = program(promise) {
                let _ = writeln!(text, "  program:\n{}", indented(program));
            }
            if let Some(map) = &broken.heap_map {
                let _ = writeln!(text, "  heap:\n{}", indented(map));
            }
        }
        Outcome::Died(death) => {
            let _ = writeln!(text, "  seen: {death}");
        }
        Outcome::Kept | Outcome::Untried => {}
    }
    text
}

fn indented(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| format!("    {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn next(promises: &Promises, traces: &[Trace<'_>]) -> String {
    if let Some((_, fault)) = promises.faults().next() {
        return format!("\nNext: {}\n", fault.advice().replace('\n', "\n      "));
    }
    let advice = match (worst(traces, Trace::memory), worst(traces, Trace::speed)) {
        (Some(trace), _) => format!(
            "{} costs most memory: `cargo xtask bench --workload {0} --detail` shows where the heap of a\n      \
             stage goes on it.",
            trace.name
        ),
        (None, Some(trace)) => format!(
            "{} costs most time: what does a request search?",
            trace.name
        ),
        (None, None) => "the contract is kept, and nothing is left to earn.".to_string(),
    };
    format!("\nNext: {advice}\n")
}

/// The trace that earns least of a part, if it does not earn all.
fn worst<'a, 't>(
    traces: &'t [Trace<'a>],
    part: impl Fn(&Trace<'a>) -> f64,
) -> Option<&'t Trace<'a>> {
    let worst = traces.iter().min_by(|a, b| part(a).total_cmp(&part(b)));
    worst.filter(|trace| part(trace) < 1.0)
}
