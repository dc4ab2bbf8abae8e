//! What the highest stage is to reach on these rows, and by how much it does.

use super::{Door, Row, RowReport, Unit, Verdict, overall};
use crate::allocators::BASELINE;
use crate::contest::bar::{Bar, Goal};

/// Rows of a figure in its own unit: the stage's median, the worst if there are several.
const FIGURES: [(&[Row], &str, f64); 9] = [
    (&[Row::Pair], "a pair inline, ns", 2.5),
    (
        &[Row::BatchLifo, Row::BatchFifo, Row::BatchRandom],
        "a block of a batch, ns, in the worst of three orders",
        4.0,
    ),
    (&[Row::Instructions], "instructions of a pair", 40.0),
    (&[Row::SpikeFreed], "MiB after a spike", 38.0),
    (&[Row::SpikeKept], "MiB, one block in sixteen kept", 225.0),
    (
        &[Row::SpikeGone],
        "MiB, that freed and the threads gone",
        38.0,
    ),
    (&[Row::Dense], "bytes of a block of 24", 24.2),
    (&[Row::Classes], "KiB for 98 KiB of all classes", 170.0),
    // Less than a byte for each of the threads.
    (&[Row::Births], "KiB by which births make it grow", 97.0),
];

/// Rows that work with their blocks as programs do.
const PROGRAMS: &[Row] = &[
    Row::Trees,
    Row::Phases,
    Row::GrowOnly,
    Row::Vectors,
    Row::Bigints,
    Row::Cubes,
];

/// Rows of a ratio to the best of the others on that row: the worst of them.
const RATIOS: [(&[Row], &str, f64); 4] = [
    (PROGRAMS, "what programs do", 1.0),
    (&[Row::PairCall], "a pair behind calls", 1.0),
    (&[Row::Live200k], "200,000 live blocks", 0.85),
    (
        &[Row::Larson, Row::ProducerConsumer],
        "larson and producer-consumer",
        1.0,
    ),
];

/// The same for a library that is preloaded.
const RATIOS_PRELOADED: [(&[Row], &str, f64); 4] = [
    (PROGRAMS, "what programs do", 1.0),
    (
        &[
            Row::Pair,
            Row::PairCall,
            Row::BatchLifo,
            Row::BatchFifo,
            Row::BatchRandom,
            Row::Batches,
        ],
        "pairs and batches",
        1.0,
    ),
    (&[Row::Live200k], "200,000 live blocks", 1.0),
    (
        &[Row::Larson, Row::ProducerConsumer],
        "larson and producer-consumer",
        1.0,
    ),
];

/// KiB beyond libc's in a process that does nothing.
const IDLE: f64 = 300.0;
/// Over all rows of time, over the best of the others.
const OVERALL: f64 = 0.95;
/// On any row of time, over the best of the others there.
const WORST: f64 = 1.15;

/// The bars of the rows that were measured. Figures in their own units are those of the stage that is
/// compiled in, and only of whole runs.
pub(super) fn bars(rows: &[RowReport], door: Door) -> Vec<Bar> {
    let Some((stage, best, over)) = overall(rows, door) else {
        return Vec::new();
    };
    if !stage.starts_with("thread-cached") {
        return Vec::new();
    }
    let timed = rows.iter().filter(|row| row.unit == Unit::Nanoseconds);
    let mut bars = vec![Bar {
        what: format!("{stage}, time, geometric mean over {best}\u{2019}s"),
        value: Some(over),
        goal: Goal::AtMost(OVERALL),
    }];
    bars.extend(worst(timed, door, "of all rows of time", WORST));
    let ratios = match door {
        Door::Linked => RATIOS,
        Door::Preloaded => RATIOS_PRELOADED,
    };
    for (of, what, most) in ratios {
        let timed = rows.iter().filter(|row| of.contains(&row.task.row));
        bars.extend(worst(timed, door, what, most));
    }
    bars.extend(idle(rows, door));
    if door == Door::Linked && rows.iter().all(|row| !row.task.is_quick) {
        bars.extend(FIGURES.iter().filter_map(|figure| highest(rows, *figure)));
    }
    bars
}

/// The worst ratio of the stage to the best of the others.
fn worst<'a>(
    rows: impl Iterator<Item = &'a RowReport>,
    door: Door,
    what: &str,
    most: f64,
) -> Option<Bar> {
    let verdicts = rows.filter_map(|row| Verdict::of(row, door));
    let ratios = verdicts.filter_map(|verdict| Some((verdict.ratio?, verdict)));
    let (ratio, verdict) = ratios.max_by(|(a, _), (b, _)| a.total_cmp(b))?;
    Some(Bar {
        what: format!(
            "{what}, the worst: {}, over {}",
            verdict.label, verdict.best.0
        ),
        value: Some(ratio),
        goal: Goal::AtMost(most),
    })
}

fn highest(rows: &[RowReport], (of, what, most): (&[Row], &str, f64)) -> Option<Bar> {
    let on_one = rows
        .iter()
        .filter(|row| of.contains(&row.task.row) && row.task.n_threads <= 1);
    let medians = on_one.filter_map(|row| Some(Verdict::of(row, Door::Linked)?.stage.1));
    Some(Bar {
        what: what.to_string(),
        value: Some(medians.max_by(f64::total_cmp)?),
        goal: Goal::AtMost(most),
    })
}

fn idle(rows: &[RowReport], door: Door) -> Option<Bar> {
    let row = rows.iter().find(|row| row.task.row == Row::Idle)?;
    let libc = row
        .figures
        .iter()
        .find(|figures| figures.allocator == BASELINE)?;
    let stage = Verdict::of(row, door)?.stage.1;
    Some(Bar {
        what: "KiB of a process that does nothing, beyond libc\u{2019}s".to_string(),
        value: Some(stage - libc.median()?),
        goal: Goal::AtMost(IDLE),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contest::bar;
    use crate::global::{Figures, Task};

    fn row(row: Row, n_threads: u16, figures: &[(&str, f64)]) -> RowReport {
        let task = Task {
            row,
            n_threads,
            is_quick: false,
        };
        let figures = figures.iter().map(|&(allocator, value)| Figures {
            allocator: allocator.to_string(),
            is_stage: allocator.starts_with("thread-cached"),
            is_preloaded: false,
            broken: false,
            values: vec![value],
            note: String::new(),
        });
        RowReport {
            label: task.label(),
            about: row.about(),
            task,
            unit: row.unit(),
            loop_ns: None,
            figures: figures.collect(),
        }
    }

    #[test]
    fn each_bar_has_the_row_that_decides_it() {
        let rows = [
            row(
                Row::Pair,
                1,
                &[("thread-cached", 2.0), ("libc", 8.0), ("fast", 4.0)],
            ),
            row(
                Row::Larson,
                2,
                &[("thread-cached", 6.0), ("libc", 9.0), ("fast", 4.0)],
            ),
            row(
                Row::SpikeKept,
                1,
                &[("thread-cached", 250.0), ("libc", 400.0), ("fast", 300.0)],
            ),
            row(
                Row::Idle,
                1,
                &[
                    ("thread-cached", 4500.0),
                    ("libc", 4400.0),
                    ("fast", 5000.0),
                ],
            ),
        ];
        let text = bar::list(&bars(&rows, Door::Linked));
        for line in [
            "geometric mean over fast\u{2019}s: 0.866; at most 0.950: **reached**",
            "of all rows of time, the worst: larson × 2, over fast: 1.500; at most 1.150: **missed by 30.4 %**",
            "a pair inline, ns: 2.000; at most 2.500: **reached**",
            "MiB, one block in sixteen kept: 250; at most 225: **missed by 11.1 %**",
            "beyond libc\u{2019}s: 100; at most 300: **reached**",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("live blocks"), "not measured: {text}");
    }

    #[test]
    fn a_short_run_says_nothing_of_figures_in_their_own_units() {
        let mut pair = row(Row::Pair, 1, &[("thread-cached", 2.0), ("libc", 8.0)]);
        pair.task.is_quick = true;
        assert_eq!(bars(&[pair], Door::Linked).len(), 2);
        assert_eq!(bars(&[], Door::Linked), []);
    }
}
