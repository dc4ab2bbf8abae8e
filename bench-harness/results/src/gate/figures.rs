//! The figures that a gate judges, by case.

use super::Gate;
use crate::group::groups;
use crate::{Case, Measurement, Results, Subject};

/// One figure of all subjects on the cases of a gate.
pub(super) struct Figures<'a> {
    gate: &'a Gate,
    /// The cases, in the order of the results, each with its measurements.
    cases: Vec<(&'a Case, Vec<&'a Measurement>)>,
}

/// A figure on one case, and whose it is divided by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct On {
    pub(super) value: f64,
    pub(super) case: String,
    pub(super) rival: String,
}

impl<'a> Figures<'a> {
    /// Those of `metric` that have a figure.
    pub(super) fn of(gate: &'a Gate, metric: &str, results: &'a Results) -> Self {
        let is_meant = |one: &&Measurement| {
            one.metric == metric && !one.outcome.samples().is_empty() && gate.is_on(&one.case)
        };
        let groups = groups(results.measurements.iter().filter(is_meant)).into_iter();
        let cases = groups.map(|group| (group.case, group.each)).collect();
        Self { gate, cases }
    }

    /// The subject's own, without that of `minus`.
    pub(super) fn own(&self) -> Vec<On> {
        let own = |(case, rows): &(&Case, Vec<&Measurement>)| {
            let less = match &self.gate.minus {
                Some(other) => median(rows, other)?,
                None => 0.0,
            };
            Some(On {
                value: median(rows, &self.gate.subject)? - less,
                case: case.to_string(),
                rival: String::new(),
            })
        };
        self.cases.iter().filter_map(own).collect()
    }

    /// Over that of the best rival on each case.
    pub(super) fn over_best(&self) -> Vec<On> {
        let over = |(case, rows): &(&Case, Vec<&Measurement>)| {
            let ours = row(rows, &self.gate.subject)?;
            let rivals = rows
                .iter()
                .filter(|one| self.is_rival(&ours.subject, &one.subject));
            let figures = rivals.filter_map(|one| Some((one.outcome.median()?, &one.subject.name)));
            let (best, rival) = figures.min_by(|a, b| a.0.total_cmp(&b.0))?;
            Some(On {
                value: ratio(ours.outcome.median()?, best),
                case: case.to_string(),
                rival: rival.clone(),
            })
        };
        self.cases.iter().filter_map(over).collect()
    }

    /// Over that of one other on each case on which both have a figure.
    pub(super) fn over(&self, other: &str) -> Vec<On> {
        let over = |(case, rows): &(&Case, Vec<&Measurement>)| {
            Some(On {
                value: ratio(median(rows, &self.gate.subject)?, median(rows, other)?),
                case: case.to_string(),
                rival: other.to_string(),
            })
        };
        self.cases.iter().filter_map(over).collect()
    }

    /// The most that a sample is over the one of `other` at the same place, on each case.
    pub(super) fn samples_over(&self, other: &str) -> Vec<On> {
        let over = |(case, rows): &(&Case, Vec<&Measurement>)| {
            let (ours, theirs) = (row(rows, &self.gate.subject)?, row(rows, other)?);
            let pairs = ours.outcome.samples().iter().zip(theirs.outcome.samples());
            Some(On {
                value: pairs
                    .map(|(ours, theirs)| ours / theirs.max(1.0))
                    .reduce(f64::max)?,
                case: case.to_string(),
                rival: other.to_string(),
            })
        };
        self.cases.iter().filter_map(over).collect()
    }

    /// The names of all rivals, on any case.
    pub(super) fn rivals(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for (_, rows) in &self.cases {
            let Some(ours) = row(rows, &self.gate.subject) else {
                continue;
            };
            for one in rows
                .iter()
                .filter(|one| self.is_rival(&ours.subject, &one.subject))
            {
                if !names.contains(&one.subject.name.as_str()) {
                    names.push(&one.subject.name);
                }
            }
        }
        names
    }

    fn is_rival(&self, ours: &Subject, other: &Subject) -> bool {
        let Gate {
            rivals, not_rivals, ..
        } = self.gate;
        let is_named = rivals.is_empty() || rivals.contains(&other.name);
        is_named && !not_rivals.contains(&other.name) && ours.competes_with(other)
    }
}

fn row<'a>(rows: &[&'a Measurement], name: &str) -> Option<&'a Measurement> {
    rows.iter().find(|one| one.subject.name == name).copied()
}

fn median(rows: &[&Measurement], name: &str) -> Option<f64> {
    row(rows, name)?.outcome.median()
}

/// 1 of two zeros: neither has a branch, say.
fn ratio(ours: f64, theirs: f64) -> f64 {
    match ours == theirs {
        true => 1.0,
        false => ours / theirs,
    }
}
