//! Gates: what a figure of a subject is to reach, as data.
//!
//! ```toml
//! [[gate]]
//! subject = "coalescing"
//! metric = "time"
//! over = "best-mean"
//! stat = "geomean"
//! at_most = 0.75
//! ```
//!
//! A gate that finds nothing to judge is an error, and no pass: it may name what was renamed.

mod figures;
mod judge;

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{Case, Suite, metric};

pub use judge::{Judgement, Nothing, goals};

/// A figure and what it is to be.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The goals that it belongs to, where a run has goals of its own.
    #[serde(default)]
    pub set: String,
    /// Whose figure.
    pub subject: String,
    /// Which.
    pub metric: String,
    /// On cases of this suite only.
    pub suite: Option<Suite>,
    /// On the cases of these names only; on all if there are none.
    #[serde(default)]
    pub on: Vec<String>,
    /// On all cases but those of these names.
    #[serde(default)]
    pub not_on: Vec<String>,
    /// On cases with these parameters only.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
    /// On cases that are not shortened only: a figure in its own unit depends on the amount of work.
    #[serde(default)]
    pub whole: bool,
    /// What it is divided by: the figure of the `best` of the rivals on each case, of the rival that is best over
    /// all cases (`best-mean`), or of a subject. Itself if there is none.
    pub over: Option<String>,
    /// The rivals; all that compete with the subject if there are none.
    #[serde(default)]
    pub rivals: Vec<String>,
    /// Who is no rival.
    #[serde(default)]
    pub not_rivals: Vec<String>,
    /// The subject whose figure is subtracted.
    pub minus: Option<String>,
    /// The figure by whose sum the sum is divided.
    pub per: Option<String>,
    /// How the cases become one figure.
    pub stat: Stat,
    /// The figure is to be this or less.
    pub at_most: Option<f64>,
    /// The figure is to be this or more.
    pub at_least: Option<f64>,
    /// What the cases are, in words.
    #[serde(default)]
    pub what: String,
}

/// How the cases become one figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stat {
    /// Their geometric mean.
    Geomean,
    /// The most of them.
    Worst,
    /// Their sum.
    Sum,
    /// The most of any sample of them: of series, moment by moment.
    WorstSample,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    gate: Vec<Gate>,
}

/// The gates in `text`.
///
/// # Errors
///
/// What is no gate, or one with no limit or with two, or of a figure that nobody knows.
pub fn parse(text: &str) -> Result<Vec<Gate>> {
    let File { gate: gates } = toml::from_str(text).context("these are no gates")?;
    for gate in &gates {
        gate.check()
            .with_context(|| format!("the gate of {} for {}", gate.metric, gate.subject))?;
    }
    Ok(gates)
}

impl Gate {
    fn check(&self) -> Result<()> {
        metric::find(&self.metric)?;
        self.per.as_deref().map(metric::find).transpose()?;
        ensure!(
            self.at_most.is_some() != self.at_least.is_some(),
            "it needs `at_most` or `at_least`"
        );
        ensure!(
            self.per.is_none() || self.stat == Stat::Sum,
            "`per` divides a sum: `stat = \"sum\"`"
        );
        Ok(())
    }

    /// Whether `case` is one of its cases.
    fn is_on(&self, case: &Case) -> bool {
        let is_named = |names: &[String]| names.contains(&case.name);
        let has = |(name, value): (&String, &String)| case.params.get(name) == Some(value);
        self.suite.is_none_or(|suite| suite == case.suite)
            && (self.on.is_empty() || is_named(&self.on))
            && !is_named(&self.not_on)
            && self.params.iter().all(has)
            && !(self.whole && case.params.contains_key(Case::SHORTENED))
    }
}

#[cfg(test)]
mod tests;
