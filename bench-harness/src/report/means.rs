//! Geometric means over workloads.

use serde::{Deserialize, Serialize};

use super::{Row, WorkloadReport};

/// Geometric means of one allocator over the workloads that it completed.
///
/// Two allocators that completed different workloads cannot be compared by their means; the count
/// is there to see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The allocator's name.
    pub allocator: String,
    /// Time over that of libc malloc on the same workload.
    pub time_ratio: Option<f64>,
    /// Workloads with a time.
    pub n_timed: usize,
    /// Footprint over peak live bytes.
    pub footprint_ratio: Option<f64>,
    /// Workloads with a footprint.
    pub n_footprints: usize,
    /// Workloads in the run.
    pub n_workloads: usize,
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
    let times: Vec<f64> = workloads
        .iter()
        .filter_map(|workload| time_ratio(name, workload))
        .collect();
    let rows = workloads.iter().filter_map(|workload| row(name, workload));
    let footprints: Vec<f64> = rows.filter_map(|row| row.footprint_ratio).collect();
    Mean {
        allocator: name.to_string(),
        time_ratio: geometric(&times),
        n_timed: times.len(),
        footprint_ratio: geometric(&footprints),
        n_footprints: footprints.len(),
        n_workloads: workloads.len(),
    }
}

fn time_ratio(name: &str, workload: &WorkloadReport) -> Option<f64> {
    let row = row(name, workload)?;
    let baseline = row.baseline_ns.or(workload.baseline_ns())?;
    Some(row.time?.median / baseline)
}

fn row<'a>(name: &str, workload: &'a WorkloadReport) -> Option<&'a Row> {
    workload.rows.iter().find(|row| row.allocator == name)
}

/// The geometric mean; `None` of nothing.
pub(crate) fn geometric(ratios: &[f64]) -> Option<f64> {
    if ratios.is_empty() {
        return None;
    }
    let logs: f64 = ratios
        .iter()
        .map(|ratio| ratio.max(f64::MIN_POSITIVE).ln())
        .sum();
    Some((logs / ratios.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_of_ratios_is_geometric() {
        assert_eq!(geometric(&[]), None);
        let mean = geometric(&[0.5, 2.0]).unwrap();
        assert!((mean - 1.0).abs() < 1e-12);
    }
}
