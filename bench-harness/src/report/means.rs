//! Geometric means over workloads.
//!
//! Workloads with several threads have a mean of their own: their times are of the clock on the wall,
//! those of the others of the processor.

use bench_results::grid::figure;
use bench_results::stats::geometric;
use serde::Serialize;

use super::units::ratio;
use super::{Row, WorkloadReport};

/// Geometric means of one allocator over the workloads that it completed.
///
/// Two allocators that completed different workloads cannot be compared by their means; the count
/// is there to see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// The allocator's name.
    pub allocator: String,
    /// Processor time over that of libc malloc on the same workload, of one thread.
    pub time_ratio: Option<f64>,
    /// Workloads of one thread with a time.
    pub n_timed: usize,
    /// Wall-clock time over that of libc malloc on the same workload, of several threads.
    pub wall_ratio: Option<f64>,
    /// Workloads of several threads with a time.
    pub n_wall_timed: usize,
    /// Footprint over peak live bytes.
    pub footprint_ratio: Option<f64>,
    /// Workloads with a footprint.
    pub n_footprints: usize,
    /// Workloads in the run.
    pub n_workloads: usize,
    /// How many of them have several threads.
    pub n_threaded: usize,
}

/// The means of every allocator in `workloads`, in the order of the rows.
pub(super) fn of(workloads: &[WorkloadReport]) -> Vec<Mean> {
    let mut names: Vec<&str> = Vec::new();
    for row in workloads.iter().flat_map(|workload| &workload.rows) {
        if !names.contains(&row.allocator.as_str()) {
            names.push(&row.allocator);
        }
    }
    names.iter().map(|name| mean(name, workloads)).collect()
}

fn mean(name: &str, workloads: &[WorkloadReport]) -> Mean {
    let times = |is_threaded: bool| -> Vec<f64> {
        let alike = workloads
            .iter()
            .filter(|workload| workload.facts.is_threaded == is_threaded);
        alike
            .filter_map(|workload| time_ratio(name, workload))
            .collect()
    };
    let (times, walls) = (times(false), times(true));
    let rows = workloads.iter().filter_map(|workload| row(name, workload));
    let footprints: Vec<f64> = rows.filter_map(|row| row.footprint_ratio).collect();
    Mean {
        allocator: name.to_string(),
        time_ratio: geometric(&times),
        n_timed: times.len(),
        wall_ratio: geometric(&walls),
        n_wall_timed: walls.len(),
        footprint_ratio: geometric(&footprints),
        n_footprints: footprints.len(),
        n_workloads: workloads.len(),
        n_threaded: workloads
            .iter()
            .filter(|workload| workload.facts.is_threaded)
            .count(),
    }
}

/// A column of the table of means, and the one beside it that says of how many workloads.
struct Column {
    title: &'static str,
    value: fn(&Mean) -> Option<f64>,
    /// How many workloads the mean is of, of how many in the run.
    counts: fn(&Mean) -> (usize, usize),
}

const COLUMNS: [Column; 3] = [
    Column {
        title: "time / libc",
        value: |mean| mean.time_ratio,
        counts: |mean| (mean.n_timed, mean.n_workloads - mean.n_threaded),
    },
    Column {
        title: "threads: wall clock / libc",
        value: |mean| mean.wall_ratio,
        counts: |mean| (mean.n_wall_timed, mean.n_threaded),
    },
    Column {
        title: "footprint / peak live",
        value: |mean| mean.footprint_ratio,
        counts: |mean| (mean.n_footprints, mean.n_workloads),
    },
];

/// The lines of a table of means, the header first. What the run has no workloads for has no column.
pub(super) fn lines(means: &[Mean]) -> Vec<Vec<String>> {
    let has_workloads = |column: &&Column| means.iter().any(|mean| (column.counts)(mean).1 > 0);
    let shown: Vec<&Column> = COLUMNS.iter().filter(has_workloads).collect();
    let mut header = vec!["geometric mean".to_string()];
    header.extend(
        shown
            .iter()
            .flat_map(|column| [column.title.to_string(), "of".to_string()]),
    );
    let line = |mean: &Mean| {
        let mut line = vec![mean.allocator.clone()];
        for column in &shown {
            let (n, all) = (column.counts)(mean);
            line.extend([figure((column.value)(mean), ratio), format!("{n}/{all}")]);
        }
        line
    };
    std::iter::once(header)
        .chain(means.iter().map(line))
        .collect()
}

fn time_ratio(name: &str, workload: &WorkloadReport) -> Option<f64> {
    let row = row(name, workload)?;
    let baseline = row.baseline_ns.or(workload.baseline_ns())?;
    Some(row.time?.median / baseline)
}

fn row<'a>(name: &str, workload: &'a WorkloadReport) -> Option<&'a Row> {
    workload.rows.iter().find(|row| row.allocator == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{row as row_of, workload};

    /// libc and another, twice and four times as fast, on one thread and on several.
    fn two() -> Vec<WorkloadReport> {
        let times = |time: f64| vec![row_of("libc", &[8.0], 600), row_of("talc", &[time], 600)];
        let mut threaded = workload("threads", times(2.0));
        threaded.facts.is_threaded = true;
        vec![workload("one", times(4.0)), threaded]
    }

    #[test]
    fn wall_clock_time_has_a_mean_of_its_own() {
        let means = of(&two());
        assert_eq!(means[1].time_ratio, Some(0.5));
        assert_eq!(means[1].wall_ratio, Some(0.25));
        assert_eq!((means[1].n_timed, means[1].n_wall_timed), (1, 1));
        let lines = lines(&means);
        assert_eq!(lines[2][..5], ["talc", "0.500", "1/1", "0.250", "1/1"]);
        assert_eq!(lines[2][6], "2/2");
    }

    #[test]
    fn a_kind_of_workload_that_is_not_there_has_no_column() {
        let two = two();
        for one in &two {
            let lines = lines(&of(std::slice::from_ref(one)));
            assert_eq!(lines[0].len(), 5, "{lines:?}");
            assert_eq!(lines[0][1].contains("wall"), one.facts.is_threaded);
        }
    }
}
