//! Two runs side by side: what changed, and whether that is more than noise.

mod change;
pub mod saved;
pub mod table;

pub(crate) use change::doubt;
pub use change::{Change, Verdict};

use std::fmt;

use serde::Serialize;

use crate::allocators::Entry;
use crate::report::{Report, Row, WorkloadReport};
use crate::select::Selected;

/// A run next to an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// What the earlier one is called.
    pub since: String,
    /// What both runs measured, in the order of the later.
    pub pairs: Vec<Pair>,
    /// What only one of them measured, or has a figure of, or not of the same work, with the reason.
    pub not_compared: Vec<String>,
    /// What makes the two runs hard to compare at all, such as another machine.
    pub warnings: Vec<String>,
}

/// One allocator on one workload, in both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// The workload's name.
    pub workload: String,
    /// The allocator's name.
    pub allocator: String,
    /// The new time over the old; `None` if one of them is missing.
    pub time: Option<Change>,
    /// The new footprint over the old; `None` if one of them is missing or only a bound.
    pub footprint: Option<Change>,
    /// What the earlier run had a figure for and the later has not, with the reason.
    pub lost: Vec<String>,
}

impl Pair {
    /// Whether a figure is gone, or worse than `limit` times the earlier, the whole interval of it.
    fn is_worse_than(&self, limit: f64) -> bool {
        let mut changes = self.time.iter().chain(&self.footprint);
        !self.lost.is_empty() || changes.any(|change| change.interval.low > limit)
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.allocator, self.workload)?;
        match self.lost.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", self.lost.join("; ")),
        }
    }
}

impl Comparison {
    /// Compares `new` with `old`, which is called `since`.
    pub fn of(new: &Report, old: &Report, since: String) -> Self {
        let mut comparison = Self {
            since,
            pairs: Vec::new(),
            not_compared: Vec::new(),
            warnings: warnings(new, old),
        };
        for workload in &new.workloads {
            comparison.add(workload, old, new.reps);
        }
        comparison.list_absent(new, old);
        comparison
    }

    /// Whether no figure of this run is set against one of the earlier.
    pub fn is_empty(&self) -> bool {
        let has_figure =
            |pair: &Pair| pair.time.is_some() || pair.footprint.is_some() || !pair.lost.is_empty();
        !self.pairs.iter().any(has_figure)
    }

    /// The pairs that became worse by more than `percent`, the whole interval of their change, or
    /// lost a figure.
    pub fn regressions(&self, percent: f64) -> impl Iterator<Item = &Pair> {
        let limit = 1.0 + percent / 100.0;
        self.pairs
            .iter()
            .filter(move |pair| pair.is_worse_than(limit))
    }

    fn add(&mut self, new: &WorkloadReport, old: &Report, reps: usize) {
        let Some(before) = old.workloads.iter().find(|old| old.name == new.name) else {
            self.skip(&new.name, "not in the earlier run");
            return;
        };
        if !is_same_work(new, before) {
            self.skip(&new.name, "other work: not compared");
            return;
        }
        for row in &new.rows {
            let name = format!("{} on {}", row.allocator, new.name);
            let Some(old) = row_of(before, &row.allocator) else {
                self.skip(&name, "not in the earlier run");
                continue;
            };
            let pair = pair(&new.name, row, old, reps);
            for lost in &pair.lost {
                self.skip(&name, lost);
            }
            self.pairs.push(pair);
        }
    }

    /// What only the earlier run has.
    fn list_absent(&mut self, new: &Report, old: &Report) {
        for before in &old.workloads {
            let Some(after) = new.workloads.iter().find(|new| new.name == before.name) else {
                self.skip(&before.name, "only in the earlier run");
                continue;
            };
            for row in &before.rows {
                if row_of(after, &row.allocator).is_none() {
                    let name = format!("{} on {}", row.allocator, before.name);
                    self.skip(&name, "only in the earlier run");
                }
            }
        }
    }

    fn skip(&mut self, what: &str, why: &str) {
        self.not_compared.push(format!("{what}: {why}"));
    }
}

/// Why a run cannot be compared with the one called `since`.
pub(crate) fn nothing_in_common(since: &str) -> String {
    format!(
        "this run and {since} have no row in common: no allocator of both on a workload of the same \
         operations, so that there is nothing to compare"
    )
}

/// Whether a run of `entries` on `workload` has a row in common with `old`.
pub(crate) fn shares_row(old: &Report, workload: &Selected, entries: &[&Entry]) -> bool {
    let same_work = |before: &&WorkloadReport| {
        before.name == workload.script.name
            && before.fingerprint.is_some()
            && before.fingerprint == workload.fingerprint
            && before.n_ops == workload.script.steps.len()
    };
    let is_in = |before: &WorkloadReport| {
        entries
            .iter()
            .any(|entry| row_of(before, entry.name).is_some())
    };
    old.workloads.iter().filter(same_work).any(is_in)
}

fn row_of<'a>(workload: &'a WorkloadReport, allocator: &str) -> Option<&'a Row> {
    let mut rows = workload.rows.iter();
    rows.find(|row| row.allocator == allocator)
}

fn pair(workload: &str, new: &Row, old: &Row, reps: usize) -> Pair {
    Pair {
        workload: workload.to_string(),
        allocator: new.allocator.clone(),
        time: Change::of_time(new, old),
        footprint: Change::of_footprint(&new.footprint, &old.footprint),
        lost: change::lost(new, old, reps),
    }
}

/// Equal operations, and equally many of them replayed.
fn is_same_work(new: &WorkloadReport, old: &WorkloadReport) -> bool {
    new.fingerprint.is_some() && new.fingerprint == old.fingerprint && new.n_ops == old.n_ops
}

fn warnings(new: &Report, old: &Report) -> Vec<String> {
    let mut warnings = Vec::new();
    if new.machine != old.machine {
        warnings.push(format!(
            "the machines differ: {} now, {} before",
            new.machine, old.machine
        ));
    }
    for (name, version) in &new.versions {
        let before = old.versions.iter().find(|(old, _)| old == name);
        if let Some((_, before)) = before.filter(|(_, before)| before != version) {
            warnings.push(format!("{name} is {version} now and was {before}"));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{report, row, workload};

    fn one(times: &[f64], footprint: usize) -> Report {
        report(vec![workload("churn", vec![row("libc", times, footprint)])])
    }

    fn compare(new: &Report, old: &Report) -> Comparison {
        Comparison::of(new, old, "before".to_string())
    }

    const TIMES: [f64; 5] = [20.0, 20.1, 20.2, 20.3, 20.4];

    #[test]
    fn equal_runs_do_not_differ() {
        let comparison = compare(&one(&TIMES, 1000), &one(&TIMES, 1000));
        let pair = &comparison.pairs[0];
        assert_eq!(pair.time.unwrap().verdict(), Verdict::WithinNoise);
        assert_eq!(pair.footprint.unwrap().verdict(), Verdict::WithinNoise);
        assert_eq!(comparison.regressions(0.0).count(), 0);
    }

    #[test]
    fn a_regression_is_one_beyond_the_limit_only() {
        let slower = TIMES.map(|time| time * 1.2);
        let comparison = compare(&one(&slower, 1000), &one(&TIMES, 1000));
        let time = comparison.pairs[0].time.unwrap();
        assert_eq!(time.verdict(), Verdict::More);
        assert!((time.ratio - 1.2).abs() < 1e-9);
        assert_eq!(comparison.regressions(10.0).count(), 1);
        assert_eq!(comparison.regressions(25.0).count(), 0);
        let back = compare(&one(&TIMES, 1000), &one(&slower, 1000));
        assert_eq!(back.pairs[0].time.unwrap().verdict(), Verdict::Less);
        assert_eq!(back.regressions(0.0).count(), 0, "faster is no regression");
    }

    #[test]
    fn a_footprint_that_grew_is_a_regression() {
        let comparison = compare(&one(&TIMES, 1500), &one(&TIMES, 1000));
        assert_eq!(comparison.regressions(40.0).count(), 1);
        assert_eq!(comparison.regressions(60.0).count(), 0);
    }

    #[test]
    fn a_figure_that_is_gone_is_a_regression_at_any_limit() {
        let old = one(&TIMES, 1000);
        let gone = |change: fn(&mut Row)| {
            let mut new = old.clone();
            change(&mut new.workloads[0].rows[0]);
            new.workloads[0].rows[0].notes = vec!["why".to_string()];
            let comparison = compare(&new, &old);
            let worse: Vec<_> = comparison.regressions(1e4).map(Pair::to_string).collect();
            assert_eq!(worse.len(), 1, "{comparison:?}");
            assert_eq!(comparison.not_compared.len(), 1);
            let back = compare(&old, &new);
            assert_eq!(back.regressions(0.0).count(), 0, "a new figure is none");
            worse[0].clone()
        };
        let time = gone(|row| row.time = None);
        assert_eq!(time, "libc on churn (time was 20.2 ns/op, now none: why)");
        assert!(gone(|row| row.footprint.bytes = None).contains("footprint was"));
        assert!(gone(|row| row.footprint.is_upper_bound = true).contains("now none: why"));
    }

    #[test]
    fn what_only_the_earlier_run_has_is_listed() {
        let old = report(vec![
            workload(
                "churn",
                vec![row("libc", &TIMES, 1), row("talc", &TIMES, 1)],
            ),
            workload("ramp", vec![row("libc", &TIMES, 1)]),
        ]);
        let comparison = compare(&one(&TIMES, 1), &old);
        assert_eq!(
            comparison.not_compared,
            [
                "talc on churn: only in the earlier run",
                "ramp: only in the earlier run"
            ]
        );
    }

    #[test]
    fn a_comparison_without_a_figure_is_empty() {
        let run = one(&TIMES, 1000);
        assert!(!compare(&run, &run).is_empty());
        assert!(compare(&run, &report(Vec::new())).is_empty());
        let mut nothing = run.clone();
        let row = &mut nothing.workloads[0].rows[0];
        (row.time, row.footprint.bytes) = (None, None);
        assert!(compare(&run, &nothing).is_empty(), "there was none before");
        assert!(!compare(&nothing, &run).is_empty(), "what is lost counts");
    }

    #[test]
    fn other_work_is_not_compared() {
        let mut old = one(&TIMES, 1000);
        old.workloads[0].fingerprint = Some(2);
        let comparison = compare(&one(&TIMES, 1000), &old);
        assert!(comparison.pairs.is_empty());
        assert_eq!(comparison.not_compared, ["churn: other work: not compared"]);
        let absent = compare(&one(&TIMES, 1000), &report(Vec::new()));
        assert_eq!(absent.not_compared, ["churn: not in the earlier run"]);
    }

    #[test]
    fn another_machine_is_warned_of() {
        let mut old = one(&TIMES, 1000);
        old.machine.kernel = "other".to_string();
        let comparison = compare(&one(&TIMES, 1000), &old);
        assert!(comparison.warnings[0].contains("the machines differ"));
    }
}
