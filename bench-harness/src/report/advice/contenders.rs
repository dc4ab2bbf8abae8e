//! The allocators that answer a need, on the workloads that they can be compared on.

use super::ratio::{of_memory, of_time};
use super::{Figures, Ratio};
use crate::allocators::{self, BASELINE, Entry, Need};
use crate::report::{Row, WorkloadReport};
use bench_results::stats::geometric;

/// All allocators of a need that have every figure.
pub(super) struct Contenders<'a> {
    /// The need.
    pub(super) need: Need,
    /// The workloads that are compared.
    pub(super) workloads: Vec<&'a WorkloadReport>,
    /// Workloads in the run.
    pub(super) n_all: usize,
    /// Those that completed all of them.
    pub(super) ranked: Vec<Contender<'a>>,
    /// The names of the others.
    pub(super) left_out: Vec<&'a str>,
    /// libc's rows, if it completed all of them.
    pub(super) libc: Option<Contender<'a>>,
}

/// One allocator with its row on each workload.
#[derive(Clone)]
pub(super) struct Contender<'a> {
    /// Its name.
    pub(super) name: &'a str,
    rows: Vec<&'a Row>,
}

impl<'a> Contenders<'a> {
    /// Those of `need` in `workloads`; `None` if there is none beside libc.
    pub(super) fn new(need: Need, workloads: &'a [WorkloadReport]) -> Option<Self> {
        let names = names(need, workloads);
        if names.iter().all(|name| *name == BASELINE) {
            return None;
        }
        let compared = compared(need, &names, workloads);
        let contender = |name: &'a str| Contender::new(name, &compared);
        Some(Self {
            need,
            n_all: workloads.len(),
            ranked: names.iter().filter_map(|name| contender(name)).collect(),
            left_out: names
                .iter()
                .copied()
                .filter(|name| contender(name).is_none())
                .collect(),
            libc: contender(BASELINE),
            workloads: compared,
        })
    }

    /// What `contender` takes.
    pub(super) fn figures(&self, contender: &Contender<'_>) -> Figures {
        let libc = self.libc.as_ref();
        let process_libc = libc.filter(|_| self.need == Need::Process);
        let mean = |figure: fn(&Row) -> Option<f64>| {
            let figures: Vec<f64> = contender
                .rows
                .iter()
                .filter_map(|row| figure(row))
                .collect();
            geometric(&figures).unwrap_or_default()
        };
        Figures {
            allocator: contender.name.to_string(),
            ns: mean(|row| Some(row.time?.median)),
            time: libc.and_then(|libc| self.time(contender, libc)),
            footprint_ratio: mean(|row| row.footprint_ratio),
            is_upper_bound: contender
                .rows
                .iter()
                .any(|row| row.footprint.is_upper_bound),
            resident: process_libc.and_then(|libc| self.memory(contender, libc)),
        }
    }

    /// The time of one over that of the other.
    pub(super) fn time(&self, new: &Contender<'_>, old: &Contender<'_>) -> Option<Ratio> {
        self.mean(new, old, of_time)
    }

    /// The memory of one over that of the other.
    pub(super) fn memory(&self, new: &Contender<'_>, old: &Contender<'_>) -> Option<Ratio> {
        self.mean(new, old, of_memory)
    }

    /// Time and memory of one over those of the other, multiplied.
    pub(super) fn cost(&self, new: &Contender<'_>, old: &Contender<'_>) -> Option<Ratio> {
        Some(self.time(new, old)?.times(self.memory(new, old)?))
    }

    /// Operations of all workloads that are compared.
    pub(super) fn n_ops(&self) -> usize {
        self.workloads.iter().map(|workload| workload.n_ops).sum()
    }

    fn mean(
        &self,
        new: &Contender<'_>,
        old: &Contender<'_>,
        ratio: fn(&WorkloadReport, &Row, &Row) -> Option<Ratio>,
    ) -> Option<Ratio> {
        let rows = new.rows.iter().zip(&old.rows);
        let ratios = self.workloads.iter().zip(rows);
        let ratios = ratios.filter_map(|(workload, (new, old))| ratio(workload, new, old));
        Ratio::mean(&ratios.collect::<Vec<_>>())
    }
}

impl<'a> Contender<'a> {
    /// `None` if it lacks a figure on one of `workloads`.
    fn new(name: &'a str, workloads: &[&'a WorkloadReport]) -> Option<Self> {
        let rows = workloads.iter().map(|workload| complete(name, workload));
        let rows = rows.collect::<Option<Vec<_>>>()?;
        (!rows.is_empty()).then_some(Self { name, rows })
    }
}

/// The row of `name` if it has a time and a footprint.
fn complete<'a>(name: &str, workload: &'a WorkloadReport) -> Option<&'a Row> {
    let mut rows = workload.rows.iter();
    let row = rows.find(|row| row.allocator == name)?;
    let has_figures = row.time.is_some() && row.footprint.bytes.is_some();
    (has_figures && !row.remarks.broken).then_some(row)
}

/// The allocators of `need` in the order of the rows.
fn names(need: Need, workloads: &[WorkloadReport]) -> Vec<&str> {
    let table = allocators::all();
    let mut names: Vec<&str> = Vec::new();
    for row in workloads.iter().flat_map(|workload| &workload.rows) {
        let name = row.allocator.as_str();
        let entry = table.iter().find(|entry| entry.name == name);
        // What is not in this program's table was preloaded, or comes with the peers in C.
        let answers = entry.map_or(Some(Need::Process), |entry| entry.need());
        let can_answer = need != Need::Process || entry.is_none_or(Entry::runs_a_program);
        if answers == Some(need) && can_answer && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The workloads that libc completed, if it is among `names`, or else the allocator that completed the
/// most: only who completed the same workloads can be compared.
fn compared<'a>(
    need: Need,
    names: &[&str],
    workloads: &'a [WorkloadReport],
) -> Vec<&'a WorkloadReport> {
    let completed = |name: &str| -> Vec<&'a WorkloadReport> {
        let workloads = workloads.iter();
        workloads
            .filter(|workload| complete(name, workload).is_some())
            .collect()
    };
    let of_libc = completed(BASELINE);
    if need == Need::Process && !of_libc.is_empty() {
        return of_libc;
    }
    let each = names.iter().map(|name| completed(name));
    each.max_by_key(Vec::len).unwrap_or_default()
}
