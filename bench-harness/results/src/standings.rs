//! The stages against the best of the others, case by case.

use std::fmt;

use serde::Serialize;

use crate::grid::figure;
use crate::group::Group;
use crate::metric::{self, Better, Metric, Policy};
use crate::stats::{Interval, of_ratio};
use crate::units::ratio;
use crate::{Measurement, Role};

/// How a stage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    /// No other is better.
    Best,
    /// Another seems better, but the interval of the ratio holds 1, or the figures differ by two in a thousand.
    TooClose,
    /// Another seems better, of too few samples to tell.
    TooFew,
    /// Another is better, or no stage has a figure.
    Lost,
}

/// Which of several stages is held against the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The one with the best figure.
    Best,
    /// The last, which is the highest of the ladder.
    Highest,
}

/// A stage and the best of the others, in one figure on one case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Standing {
    /// The case.
    pub case: String,
    /// Which figure.
    pub metric: String,
    /// The stage and its median, if one has any.
    pub stage: Option<(String, f64)>,
    /// The best of the others and its median.
    pub best: (String, f64),
    /// The stage's figure over the other's; `None` over nothing.
    pub ratio: Option<f64>,
    /// The interval of the ratio; `None` of too few samples.
    pub interval: Option<Interval>,
    /// How the stage does.
    pub worth: Worth,
}

/// Two medians closer than this are equal.
const PRECISION: f64 = 1.002;

impl Standing {
    /// Of `group`; `None` if nobody else has a figure, or if the figure is none that anybody knows.
    pub fn of(group: &Group<'_>, pick: Pick) -> Option<Self> {
        let metric = metric::find(group.metric).ok()?;
        let of_role = |is_meant: fn(Role) -> bool| {
            let each = group
                .each
                .iter()
                .filter(move |one| is_meant(one.subject.role));
            each.filter_map(|one| Some((*one, one.outcome.median()?)))
        };
        let others = of_role(|role| matches!(role, Role::Peer | Role::Baseline));
        let mut stages = of_role(|role| role == Role::Stage);
        let best = others.min_by(|(_, a), (_, b)| order(metric, *a, *b))?;
        let stage = match pick {
            Pick::Best => stages.min_by(|(_, a), (_, b)| order(metric, *a, *b)),
            Pick::Highest => stages.next_back(),
        };
        let interval = stage
            .and_then(|(stage, _)| of_ratio(stage.outcome.samples(), best.0.outcome.samples()));
        let named = |(one, median): (&Measurement, f64)| (one.subject.name.clone(), median);
        Some(Self {
            case: group.case.to_string(),
            metric: group.metric.to_string(),
            stage: stage.map(named),
            best: named(best),
            ratio: stage.and_then(|(_, ours)| (best.1 > 0.0).then(|| ours / best.1)),
            interval,
            worth: stage.map_or(Worth::Lost, |(_, ours)| {
                worth(metric, ours, best.1, interval)
            }),
        })
    }
}

/// The better one is less.
fn order(metric: &Metric, a: f64, b: f64) -> std::cmp::Ordering {
    match metric.better {
        Better::Less => a.total_cmp(&b),
        Better::More => b.total_cmp(&a),
    }
}

fn worth(metric: &Metric, ours: f64, theirs: f64, interval: Option<Interval>) -> Worth {
    let is_close = ours.max(theirs) <= ours.min(theirs) * PRECISION;
    match interval {
        Some(interval) if interval.holds(1.0) && ours != theirs => Worth::TooClose,
        _ if order(metric, ours, theirs).is_le() => Worth::Best,
        _ if is_close => Worth::TooClose,
        None if metric.policy == Policy::Noisy => Worth::TooFew,
        _ => Worth::Lost,
    }
}

impl Standing {
    /// Whether another is better than every stage, as far as the medians say.
    pub fn is_behind(&self) -> bool {
        let Ok(metric) = metric::find(&self.metric) else {
            return false;
        };
        let is_worse = |(_, ours): &(String, f64)| order(metric, *ours, self.best.1).is_gt();
        self.stage.as_ref().is_none_or(is_worse)
    }
}

impl Worth {
    fn word(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::TooClose => "too close to tell",
            Self::TooFew => "too few samples to tell",
            Self::Lost => "lost",
        }
    }
}

/// The header of a table of standings.
pub const HEADER: [&str; 8] = [
    "case",
    "figure",
    "stage",
    "its figure",
    "best of the others",
    "its figure",
    "ratio, 95 %",
    "verdict",
];

/// The cells of each of `standings` in which a stage has a figure.
pub fn lines(standings: &[Standing]) -> Vec<Vec<String>> {
    let line = |one: &Standing| {
        let text =
            |value| metric::find(&one.metric).map_or_else(|_| ratio(value), |of| of.cell(value));
        let (stage, ours) = one.stage.as_ref()?;
        let interval = one.interval.map_or_else(String::new, |interval| {
            format!(" ({} – {})", ratio(interval.low), ratio(interval.high))
        });
        Some(vec![
            one.case.clone(),
            one.metric.clone(),
            stage.clone(),
            text(*ours),
            one.best.0.clone(),
            text(one.best.1),
            figure(one.ratio, ratio) + &interval,
            one.worth.word().to_string(),
        ])
    };
    standings.iter().filter_map(line).collect()
}

impl fmt::Display for Standing {
    /// In a sentence: the best of the others first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text =
            |value| metric::find(&self.metric).map_or_else(|_| ratio(value), |of| of.text(value));
        let (best, theirs) = &self.best;
        write!(
            f,
            "{}, {}: {best} {}",
            self.case,
            self.metric,
            text(*theirs)
        )?;
        match &self.stage {
            Some((stage, ours)) => write!(f, ", the best stage {stage} {}", text(*ours))?,
            None => write!(f, ", no stage has a figure")?,
        }
        match self.worth {
            Worth::Best | Worth::Lost => Ok(()),
            worth => write!(f, " ({})", worth.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::groups;
    use crate::testing::{figure, time};

    fn of(measured: &[Measurement], pick: Pick) -> Option<Standing> {
        Standing::of(groups(measured).first()?, pick)
    }

    fn worth(stage: &[f64], best: &[f64]) -> Worth {
        let measured = [time("talc", "churn", best), time("stage", "churn", stage)];
        of(&measured, Pick::Best).unwrap().worth
    }

    #[test]
    fn the_best_or_the_highest_stage_is_held_against_the_best_of_the_others() {
        let measured = [
            time("stage-5", "a", &[1.0; 5]),
            time("stage-6", "a", &[4.0, 4.1, 4.0, 4.2, 4.0]),
            time("libc", "a", &[8.0; 5]),
            time("fast", "a", &[2.0; 5]),
        ];
        let highest = of(&measured, Pick::Highest).unwrap();
        assert_eq!(highest.stage, Some(("stage-6".to_string(), 4.0)));
        assert_eq!(
            (highest.best.0.as_str(), highest.ratio),
            ("fast", Some(2.0))
        );
        assert_eq!(highest.worth, Worth::Lost);
        assert_eq!(of(&measured, Pick::Best).unwrap().worth, Worth::Best);
        assert_eq!(lines(&[highest])[0][2..4], ["stage-6", "4.00"]);
    }

    #[test]
    fn a_difference_within_the_noise_is_too_close_to_tell() {
        assert_eq!(
            worth(&[10.5; 5], &[9.0, 11.0, 10.0, 12.0, 8.0]),
            Worth::TooClose
        );
        let disturbed = [8.0, 8.1, 8.2, 8.1, 8.0, 8.2, 8.1, 8.0, 30.0];
        assert_eq!(worth(&[16.0; 9], &disturbed), Worth::Lost);
        assert_eq!(worth(&[16.0; 2], &[8.0; 2]), Worth::TooFew);
        assert_eq!(worth(&[32.01; 3], &[32.0; 3]), Worth::TooClose);
        assert_eq!(worth(&[8.0; 3], &[8.0; 3]), Worth::Best);
    }

    #[test]
    fn more_is_better_where_the_figure_says_so_and_nothing_has_no_ratio() {
        let filled = [
            figure("filled", "talc", "a", &[0.8]),
            figure("filled", "stage", "a", &[0.9]),
        ];
        assert_eq!(of(&filled, Pick::Best).unwrap().worth, Worth::Best);
        let none = [
            figure("failed", "talc", "a", &[0.0]),
            figure("failed", "stage", "a", &[0.0]),
        ];
        let standing = of(&none, Pick::Best).unwrap();
        assert_eq!((standing.ratio, standing.worth), (None, Worth::Best));
    }

    #[test]
    fn who_has_no_figure_has_lost_and_nobody_wins_against_nobody() {
        let alone = [time("libc", "churn", &[8.0]), time("stage", "churn", &[])];
        let lost = of(&alone, Pick::Best).unwrap();
        assert_eq!((lost.worth, lost.stage.is_none()), (Worth::Lost, true));
        assert_eq!(
            lost.to_string(),
            "churn, time: libc 8.00 ns, no stage has a figure"
        );
        assert_eq!(of(&alone[1..], Pick::Best), None);
    }
}
