//! Two runs side by side: what changed, and whether that is more than noise.

mod change;
mod table;

use std::collections::{HashMap, HashSet};
use std::fmt;

use anyhow::Result;
use serde::Serialize;

use crate::group::{Cases, Subjects};
use crate::metric::{self, Policy};
use crate::{Case, Environment, Measurement, Results};

pub use change::{Change, Verdict};
pub use table::table;

/// A run next to an earlier one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// What the earlier one is called.
    pub since: String,
    /// What both runs measured, in the order of the later.
    pub pairs: Vec<Pair>,
    /// What only one of them measured, or not of the same work, with the reason.
    pub not_compared: Vec<String>,
    /// What makes the two runs hard to compare at all, such as another machine.
    pub warnings: Vec<String>,
}

/// One figure in both runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// On what it was measured.
    pub case: String,
    /// Of what.
    pub subject: String,
    /// Which figure.
    pub metric: String,
    /// The new one over the old; `None` if there are too few samples, or none now.
    pub change: Option<Change>,
    /// The figure that the earlier run had, and why the later has none.
    pub lost: Option<String>,
}

impl Pair {
    /// Whether the figure is gone, or worse by more than `percent`, the whole interval of the change.
    fn is_worse_by(&self, percent: f64) -> bool {
        let worse = |change: Change| change.worsening().low > 1.0 + percent / 100.0;
        self.lost.is_some() || self.change.is_some_and(worse)
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} on {}", self.metric, self.subject, self.case)?;
        match &self.lost {
            None => Ok(()),
            Some(lost) => write!(f, " ({lost})"),
        }
    }
}

/// Two runs, whose cases and subjects have the same numbers where they have the same names.
struct Both<'a> {
    cases: Cases<'a>,
    subjects: Subjects<'a>,
}

/// What one of them has, by the numbers of cases.
type Side<'a> = HashMap<usize, OnCase<'a>>;

/// What it has on one case: the figures by the numbers of subjects.
struct OnCase<'a> {
    case: &'a Case,
    figures: HashMap<(usize, &'a str), &'a Measurement>,
}

impl OnCase<'_> {
    /// Whether it has a figure of the subject with this number, be it `metric` or another.
    fn has(&self, subject: usize, metric: &str) -> bool {
        let is_of = |(other, _): &(usize, &str)| *other == subject;
        self.figures.contains_key(&(subject, metric)) || self.figures.keys().any(is_of)
    }
}

impl<'a> Both<'a> {
    fn place(&mut self, one: &'a Measurement) -> (usize, usize) {
        (self.cases.of(one), self.subjects.of(one))
    }

    fn side(&mut self, results: &'a Results) -> Side<'a> {
        let mut side = Side::new();
        for one in &results.measurements {
            let (case, subject) = self.place(one);
            let new = || OnCase {
                case: &one.case,
                figures: HashMap::new(),
            };
            let on_case = side.entry(case).or_insert_with(new);
            on_case.figures.insert((subject, &one.metric), one);
        }
        side
    }
}

impl Comparison {
    /// Compares `new` with `old`, which is called `since`: the figures that `metrics` names, or all.
    ///
    /// # Errors
    ///
    /// A figure that nobody knows.
    pub fn of(new: &Results, old: &Results, since: &str, metrics: &[String]) -> Result<Self> {
        for name in metrics {
            metric::find(name)?;
        }
        let mut comparison = Self {
            since: since.to_string(),
            pairs: Vec::new(),
            not_compared: Vec::new(),
            warnings: warnings(new, old),
        };
        let (cases, subjects) = (Cases::new(), Subjects::new());
        let mut both = Both { cases, subjects };
        let [later, earlier] = [new, old].map(|results| both.side(results));
        let mut skipped = HashSet::new();
        for one in &new.measurements {
            let metric = metric::find(&one.metric)?;
            let is_wanted = metrics.is_empty() || metrics.contains(&one.metric);
            let (case, subject) = both.place(one);
            if let Some(why) = apart(one, (case, subject), &earlier) {
                comparison.skip(why, &mut skipped);
            } else if is_wanted && metric.policy != Policy::Shown {
                let reps = new.run_of(one).map_or(0, |run| run.reps);
                let at = (subject, one.metric.as_str());
                let pair = earlier.get(&case).and_then(|on| on.figures.get(&at));
                comparison
                    .pairs
                    .extend(pair.and_then(|old| change::pair(one, old, metric, reps)));
            }
        }
        for one in &old.measurements {
            let (case, subject) = both.place(one);
            let Some(now) = later.get(&case) else {
                comparison.skip(
                    format!("{}: only in the earlier run", one.case),
                    &mut skipped,
                );
                continue;
            };
            if !now.has(subject, &one.metric) {
                let why = format!(
                    "{} on {}: only in the earlier run",
                    one.subject.name, one.case
                );
                comparison.skip(why, &mut skipped);
            }
        }
        Ok(comparison)
    }

    /// Whether no figure of this run is set against one of the earlier.
    pub fn is_empty(&self) -> bool {
        let has_figure = |pair: &Pair| pair.change.is_some() || pair.lost.is_some();
        !self.pairs.iter().any(has_figure)
    }

    /// The figures that became worse by more than `percent`, the whole interval of their change, or are
    /// gone.
    pub fn regressions(&self, percent: f64) -> impl Iterator<Item = &Pair> {
        let pairs = self.pairs.iter();
        pairs.filter(move |pair| pair.is_worse_by(percent))
    }

    /// Each reason once: it is that of several figures.
    fn skip(&mut self, why: String, skipped: &mut HashSet<String>) {
        if skipped.insert(why.clone()) {
            self.not_compared.push(why);
        }
    }
}

/// Why the earlier run has nothing to compare with `new`; `None` if it may have.
fn apart(new: &Measurement, at: (usize, usize), earlier: &Side<'_>) -> Option<String> {
    match earlier.get(&at.0) {
        None => Some(format!("{}: not in the earlier run", new.case)),
        Some(old) if !new.case.is_same_work(old.case) => {
            Some(format!("{}: other work: not compared", new.case))
        }
        Some(old) if !old.has(at.1, &new.metric) => Some(format!(
            "{} on {}: not in the earlier run",
            new.subject.name, new.case
        )),
        Some(_) => None,
    }
}

/// Why a run cannot be compared with the one called `since`.
pub fn nothing_in_common(since: &str) -> String {
    format!(
        "this run and {since} have no row in common: no allocator of both on a workload of the same \
         operations, so that there is nothing to compare"
    )
}

fn warnings(new: &Results, old: &Results) -> Vec<String> {
    let mut warnings = Vec::new();
    for (new, old) in new.runs.iter().zip(&old.runs) {
        if new.machine != old.machine {
            let (new, old) = (&new.machine, &old.machine);
            warnings.push(format!("the machines differ: {new} now, {old} before"));
        }
        warnings.extend(other_versions(new, old));
    }
    warnings
}

fn other_versions(new: &Environment, old: &Environment) -> Vec<String> {
    let versions = new.versions.iter().filter_map(|(name, version)| {
        let (_, before) = old.versions.iter().find(|(old, _)| old == name)?;
        let is_other = before != version;
        is_other.then(|| format!("{name} is {version} now and was {before}"))
    });
    versions.collect()
}

#[cfg(test)]
mod tests;
