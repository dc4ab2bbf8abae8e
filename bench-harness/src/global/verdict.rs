//! The highest stage against the best of the others, row by row and on average.

use serde::{Deserialize, Serialize};

use super::{Figures, RowReport, Unit};
use crate::allocators::BASELINE;
use bench_results::stats::{Interval, geometric, of_ratio};

/// How the stage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Worth {
    /// It is the best.
    Best,
    /// The interval of the ratio holds 1, or the medians differ by less than two in a thousand.
    TooClose,
    /// Another is better.
    Lost,
}

/// Allocators that are called in the same way, and so can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Compiled in.
    Linked,
    /// Preloaded, and libc.
    Preloaded,
}

/// One row: the highest stage and the best of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// The row.
    pub label: String,
    /// The stage and its median.
    pub stage: (String, f64),
    /// The best of the others and its median.
    pub best: (String, f64),
    /// Stage over best; `None` if the best is 0.
    pub ratio: Option<f64>,
    /// The interval of the ratio; `None` of too few processes.
    pub interval: Option<Interval>,
    /// How the stage does.
    pub worth: Worth,
}

/// Geometric means of one allocator over rows of time.
#[derive(Clone, Debug, PartialEq)]
pub struct RowMean {
    /// The allocator.
    pub allocator: String,
    /// It is a stage of this workspace.
    pub is_stage: bool,
    /// Time over libc's, on the rows of one thread, of several, and on all; each with their number.
    pub ratios: [(Option<f64>, usize); 3],
}

impl Door {
    /// Whether the allocator is called in this way.
    pub fn admits(self, figures: &Figures) -> bool {
        match self {
            Self::Linked => !figures.is_preloaded,
            Self::Preloaded => figures.is_preloaded || figures.allocator == BASELINE,
        }
    }
}

/// Two medians closer than this are equal.
const PRECISION: f64 = 1.002;

impl Verdict {
    /// Of `row`; `None` if no stage or nobody else has a figure. Who shows less than the row can grow by
    /// is not the best of it.
    pub fn of(row: &RowReport, door: Door) -> Option<Self> {
        let figures = row.figures.iter().filter(|figures| door.admits(figures));
        let with_median = figures.filter_map(|figures| Some((figures, figures.median()?)));
        let (stages, others): (Vec<_>, Vec<_>) =
            with_median.partition(|(figures, _)| figures.is_stage);
        let (stage, ours) = *stages.last()?;
        let others = others.into_iter();
        let grown = others.filter(|(_, theirs)| *theirs >= row.task.row.least());
        let (best, theirs) = grown.min_by(|(_, a), (_, b)| a.total_cmp(b))?;
        let interval = of_ratio(&stage.values, &best.values);
        let worth = match interval {
            Some(interval) if interval.holds(1.0) => Worth::TooClose,
            _ if ours <= theirs => Worth::Best,
            _ if ours <= theirs * PRECISION => Worth::TooClose,
            _ => Worth::Lost,
        };
        Some(Self {
            label: row.label.clone(),
            stage: (stage.allocator.clone(), ours),
            best: (best.allocator.clone(), theirs),
            ratio: (theirs > 0.0).then(|| ours / theirs),
            interval,
            worth,
        })
    }
}

/// The means of every allocator that `door` admits, in the order of the rows' figures.
pub fn means(rows: &[RowReport], door: Door) -> Vec<RowMean> {
    let timed: Vec<&RowReport> = rows
        .iter()
        .filter(|row| row.unit == Unit::Nanoseconds)
        .collect();
    let figures = timed.first().map_or(&[][..], |row| &row.figures);
    let admitted = figures.iter().filter(|figures| door.admits(figures));
    let mean = |figures: &Figures| RowMean {
        allocator: figures.allocator.clone(),
        is_stage: figures.is_stage,
        ratios: [|n: u16| n == 1, |n: u16| n > 1, |_| true].map(|is_meant| {
            let rows = timed.iter().filter(|row| is_meant(row.task.n_threads));
            let ratios = rows.filter_map(|row| to_baseline(row, &figures.allocator));
            let ratios: Vec<f64> = ratios.collect();
            (geometric(&ratios), ratios.len())
        }),
    };
    admitted.map(mean).collect()
}

/// Stage over best of the others, of the means over all rows of time, with the names; `None` if no two
/// completed as many rows as the stage did.
pub fn overall(rows: &[RowReport], door: Door) -> Option<(String, String, f64)> {
    let of_all = |mean: RowMean| {
        let [.., (ratio, n)] = mean.ratios;
        Some((mean.allocator, mean.is_stage, ratio?, n))
    };
    let all: Vec<_> = means(rows, door).into_iter().filter_map(of_all).collect();
    let (stage, _, ours, n_rows) = all.iter().rfind(|(_, is_stage, ..)| *is_stage)?;
    let peers = all
        .iter()
        .filter(|(_, is_stage, _, n)| !is_stage && n == n_rows);
    let (best, _, theirs, _) = peers.min_by(|a, b| a.2.total_cmp(&b.2))?;
    Some((stage.clone(), best.clone(), ours / theirs))
}

fn to_baseline(row: &RowReport, allocator: &str) -> Option<f64> {
    let median = |name: &str| {
        let mut figures = row.figures.iter();
        figures.find(|figures| figures.allocator == name)?.median()
    };
    Some(median(allocator)? / median(BASELINE)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::global::{Row, Task};

    fn figures(allocator: &str, values: &[f64]) -> Figures {
        Figures {
            allocator: allocator.to_string(),
            is_stage: allocator.starts_with("stage"),
            is_preloaded: allocator.ends_with(".so"),
            broken: false,
            values: values.to_vec(),
            note: String::new(),
        }
    }

    fn row(n_threads: u16, figures: Vec<Figures>) -> RowReport {
        let task = Task {
            row: Row::Pair,
            n_threads,
            is_quick: true,
        };
        RowReport {
            label: task.label(),
            about: task.row.about(),
            task,
            unit: Unit::Nanoseconds,
            loop_ns: None,
            figures,
        }
    }

    #[test]
    fn the_highest_stage_is_compared_with_the_best_that_is_called_like_it() {
        let row = row(
            1,
            vec![
                figures("stage-5", &[1.0; 5]),
                figures("stage-6", &[4.0, 4.1, 4.0, 4.2, 4.0]),
                figures("libc", &[8.0; 5]),
                figures("fast", &[2.0; 5]),
                figures("stage.so", &[6.0; 5]),
                figures("slow.so", &[9.0; 5]),
            ],
        );
        let linked = Verdict::of(&row, Door::Linked).unwrap();
        assert_eq!(linked.stage.0, "stage-6");
        assert_eq!((linked.best.0.as_str(), linked.ratio), ("fast", Some(2.0)));
        assert_eq!(linked.worth, Worth::Lost);
        let preloaded = Verdict::of(&row, Door::Preloaded).unwrap();
        assert_eq!(preloaded.stage.0, "stage.so");
        assert_eq!(
            (preloaded.best.0.as_str(), preloaded.worth),
            ("libc", Worth::Best)
        );
    }

    #[test]
    fn a_difference_within_the_noise_is_neither_won_nor_lost() {
        let noisy = [9.0, 11.0, 10.0, 12.0, 8.0];
        let row = row(
            1,
            vec![figures("stage", &[10.5; 5]), figures("libc", &noisy)],
        );
        assert_eq!(
            Verdict::of(&row, Door::Linked).unwrap().worth,
            Worth::TooClose
        );
    }

    #[test]
    fn nobody_wins_against_nobody() {
        let alone = row(1, vec![figures("stage", &[1.0]), figures("libc", &[])]);
        assert_eq!(Verdict::of(&alone, Door::Linked), None);
        let equal = row(
            1,
            vec![figures("stage", &[32.01; 3]), figures("libc", &[32.0; 3])],
        );
        let verdict = Verdict::of(&equal, Door::Linked).unwrap();
        assert_eq!(verdict.worth, Worth::TooClose);
        let none_fails = row(1, vec![figures("stage", &[0.0]), figures("libc", &[0.0])]);
        let verdict = Verdict::of(&none_fails, Door::Linked).unwrap();
        assert_eq!((verdict.ratio, verdict.worth), (None, Worth::Best));
    }

    #[test]
    fn memory_that_was_held_before_is_no_growth() {
        let mut row = row(
            1,
            vec![
                figures("stage", &[140.0]),
                figures("held", &[0.0]),
                figures("libc", &[100.0]),
            ],
        );
        row.task.row = Row::Classes;
        let verdict = Verdict::of(&row, Door::Linked).unwrap();
        assert_eq!(verdict.best, ("libc".to_string(), 100.0));
        row.task.row = Row::Births;
        row.figures[1].values = vec![-776.0];
        let verdict = Verdict::of(&row, Door::Linked).unwrap();
        assert_eq!(verdict.best.0, "libc");
    }

    #[test]
    fn means_are_of_ratios_to_libc_and_count_their_rows() {
        let rows = [
            row(1, vec![figures("stage", &[2.0]), figures("libc", &[4.0])]),
            row(1, vec![figures("stage", &[8.0]), figures("libc", &[4.0])]),
            row(2, vec![figures("stage", &[]), figures("libc", &[4.0])]),
        ];
        let means = means(&rows, Door::Linked);
        let (one, rest) = means.split_first().unwrap();
        assert_eq!(one.allocator, "stage");
        assert_eq!(one.ratios.map(|(_, n)| n), [2, 0, 2]);
        assert!((one.ratios[0].0.unwrap() - 1.0).abs() < 1e-12, "{one:?}");
        assert_eq!(rest[0].ratios[2], (Some(1.0), 3));
        assert_eq!(
            overall(&rows, Door::Linked),
            None,
            "libc completed one more"
        );
        let (stage, best, ratio) = overall(&rows[..1], Door::Linked).unwrap();
        assert_eq!(
            (stage.as_str(), best.as_str(), ratio),
            ("stage", "libc", 0.5)
        );
    }
}
