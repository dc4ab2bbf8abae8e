//! A gate on results: the figure, and whether it reaches its limit.

use std::fmt;

use super::figures::{Figures, On};
use super::{Gate, Stat};
use crate::Results;
use crate::stats::geometric;
use crate::units::ratio;

/// What became of a gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What the figure is.
    pub what: String,
    /// The figure.
    pub value: f64,
    /// It is as it is to be.
    pub is_met: bool,
    limit: String,
}

/// The results have nothing that a gate could judge.
#[derive(Clone, Debug, PartialEq)]
pub struct Nothing {
    /// What the figure would be.
    pub what: String,
    limit: String,
}

impl Gate {
    /// Judges `results`.
    ///
    /// # Errors
    ///
    /// There is nothing to judge.
    pub fn judge(&self, results: &Results) -> Result<Judgement, Nothing> {
        let limit = match (self.at_most, self.at_least) {
            (Some(most), _) => format!("at most {}", ratio(most)),
            (_, least) => format!("at least {}", ratio(least.unwrap_or_default())),
        };
        let Some((value, of)) = self.figure(results).filter(|(value, _)| !value.is_nan()) else {
            let over = self.over.as_deref().map(|over| match over {
                "best" | "best-mean" => " over the best of the others".to_string(),
                other => format!(" over {other}"),
            });
            let what = self.what(&over.unwrap_or_default());
            return Err(Nothing { what, limit });
        };
        let is_met = match (self.at_most, self.at_least) {
            (Some(most), _) => value <= most,
            (_, least) => least.is_some_and(|least| value >= least),
        };
        Ok(Judgement {
            what: self.what(&of),
            value,
            is_met,
            limit,
        })
    }

    /// The figure, and over whose figures and on which case.
    fn figure(&self, results: &Results) -> Option<(f64, String)> {
        let figures = Figures::of(self, &self.metric, results);
        let each = match self.over.as_deref() {
            None => figures.own(),
            Some("best") => figures.over_best(),
            Some("best-mean") => return best_mean(&figures),
            Some(other) if self.stat == Stat::WorstSample => figures.samples_over(other),
            Some(other) => figures.over(other),
        };
        let sum = |each: &[On]| each.iter().map(|on| on.value).sum::<f64>();
        let worst = each.iter().max_by(|a, b| a.value.total_cmp(&b.value))?;
        match self.stat {
            Stat::Geomean => {
                let values = finite(&each);
                Some((geometric(&values)?, over_all(&worst.rival, values.len())))
            }
            Stat::Worst | Stat::WorstSample => {
                let rival = match worst.rival.as_str() {
                    "" => String::new(),
                    rival => format!(" over {rival}"),
                };
                Some((worst.value, format!("{rival}, worst on {}", worst.case)))
            }
            Stat::Sum => {
                let all = match &self.per {
                    Some(metric) => sum(&Figures::of(self, metric, results).own()),
                    None => 1.0,
                };
                Some((sum(&each) / all, over_all("", each.len())))
            }
        }
    }

    fn what(&self, of: &str) -> String {
        let Self {
            subject,
            metric,
            what,
            ..
        } = self;
        let mut text = format!("{subject}, {metric}");
        text += &self
            .per
            .as_ref()
            .map_or_else(String::new, |per| format!(" / {per}"));
        text += &self
            .minus
            .as_ref()
            .map_or_else(String::new, |other| format!(" − {other}\u{2019}s"));
        if !what.is_empty() {
            text += &format!(" ({what})");
        }
        text + of
    }
}

/// The geometric mean over the rival beside which it is worst, of those with figures on as many cases as any.
fn best_mean(figures: &Figures<'_>) -> Option<(f64, String)> {
    let means = figures.rivals().into_iter().filter_map(|rival| {
        let each = finite(&figures.over(rival));
        Some((each.len(), geometric(&each)?, rival))
    });
    let best = means.max_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.total_cmp(&b.1)));
    best.map(|(n, mean, rival)| (mean, over_all(rival, n)))
}

/// The values that a mean can be of: nothing is so many times as much as nothing.
fn finite(each: &[On]) -> Vec<f64> {
    let values = each.iter().map(|on| on.value);
    values.filter(|value| value.is_finite()).collect()
}

fn over_all(rival: &str, n: usize) -> String {
    let over = if rival.is_empty() {
        String::new()
    } else {
        format!(" over {rival}")
    };
    format!("{over}, of {n} {}", if n == 1 { "case" } else { "cases" })
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            value,
            is_met,
            limit,
        } = self;
        let reached = if *is_met { "reached" } else { "missed" };
        write!(f, "{what}: {}; {limit}: **{reached}**", ratio(*value))
    }
}

impl fmt::Display for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: not measured; {}", self.what, self.limit)
    }
}

/// The gates of `set` as a list in Markdown, for people; empty if none has anything to judge.
pub fn goals(gates: &[Gate], set: &str, results: &Results) -> String {
    let judged: Vec<_> = gates
        .iter()
        .filter(|gate| gate.set == set)
        .map(|gate| gate.judge(results))
        .collect();
    if judged.iter().all(Result::is_err) {
        return String::new();
    }
    let lines = judged.iter().map(|judged| match judged {
        Ok(judgement) => format!("- {judgement}\n"),
        Err(nothing) => format!("- {nothing}\n"),
    });
    lines.collect()
}
