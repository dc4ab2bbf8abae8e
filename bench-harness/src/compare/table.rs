//! A comparison as a table for the terminal.

use comfy_table::{Cell, Color};

use super::{Change, Comparison, Pair, Verdict};
use crate::report::table::{align_right, figure, new_table};

/// The table of all pairs, with what was not compared and why.
pub fn comparison(comparison: &Comparison) -> String {
    let mut text = format!("\nChanges since {}; intervals at 95 %.\n", comparison.since);
    for warning in &comparison.warnings {
        text += &format!("warning: {warning}\n");
    }
    if !comparison.pairs.is_empty() {
        let mut table = new_table(&["workload", "allocator", "time", "", "footprint", ""]);
        for pair in &comparison.pairs {
            table.add_row(cells(pair));
        }
        align_right(&mut table, 2..3);
        align_right(&mut table, 4..5);
        text += &format!("{table}\n");
    }
    for line in &comparison.not_compared {
        text += &format!("{line}\n");
    }
    text + &summary(comparison)
}

/// How many changes there are of each kind.
fn summary(comparison: &Comparison) -> String {
    let changes = |pick: fn(&Pair) -> Option<Change>| {
        let verdicts: Vec<_> = comparison
            .pairs
            .iter()
            .filter_map(|pair| Some(pick(pair)?.verdict()))
            .collect();
        let n = |verdict| verdicts.iter().filter(|found| **found == verdict).count();
        format!(
            "{} less, {} more, {} no change within noise",
            n(Verdict::Less),
            n(Verdict::More),
            n(Verdict::WithinNoise)
        )
    };
    format!(
        "Time: {}. Footprint: {}.\n",
        changes(|pair| pair.time),
        changes(|pair| pair.footprint)
    )
}

fn cells(pair: &Pair) -> Vec<Cell> {
    let [time, time_says] = change_cells(pair.time);
    let [footprint, footprint_says] = change_cells(pair.footprint);
    let names = [&pair.workload, &pair.allocator].map(Cell::new);
    let [workload, allocator] = names;
    vec![
        workload,
        allocator,
        time,
        time_says,
        footprint,
        footprint_says,
    ]
}

fn change_cells(change: Option<Change>) -> [Cell; 2] {
    let says = Cell::new(change.map_or("not comparable", |change| words(change.verdict())));
    let says = match change.map(|change| change.verdict()) {
        Some(Verdict::More) => says.fg(Color::Red),
        Some(Verdict::Less) => says.fg(Color::Green),
        _ => says,
    };
    [Cell::new(figure(change, percentages)), says]
}

/// A verdict in words.
pub(crate) fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Less => "less",
        Verdict::More => "more",
        Verdict::WithinNoise => "no change within noise",
    }
}

/// `+3.1 % (−0.2 … +6.0)`.
pub(crate) fn percentages(change: Change) -> String {
    format!(
        "{} % ({} … {})",
        signed(change.ratio),
        signed(change.interval.low),
        signed(change.interval.high)
    )
}

fn signed(ratio: f64) -> String {
    let text = format!("{:+.1}", (ratio - 1.0) * 100.0);
    match text.as_str() {
        "-0.0" | "+0.0" => "0.0".to_string(),
        _ => text.replace('-', "−"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{report, row, workload};

    #[test]
    fn the_table_says_what_changed_and_what_did_not() {
        let run = |times: &[f64]| {
            let rows = vec![row("libc", times, 4096), row("talc", &[9.0; 5], 512)];
            report(vec![workload("churn", rows)])
        };
        let found = Comparison::of(&run(&[20.0; 5]), &run(&[10.0; 5]), "before".to_string());
        let text = comparison(&found);
        assert!(text.contains("+100.0 % (+100.0 … +100.0)"), "{text}");
        assert!(
            text.contains("Time: 0 less, 1 more, 1 no change within noise."),
            "{text}"
        );
        assert_eq!(signed(0.9), "−10.0");
        assert_eq!(signed(0.99999), "0.0");
    }
}
