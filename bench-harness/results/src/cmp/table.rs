//! A comparison as a table for the terminal.

use comfy_table::{Cell, Color};

use super::{Change, Comparison, Pair, Verdict};
use crate::grid::{align_right, figure, new_table};
use crate::units::thousands;

/// The table of all figures, with what was not compared and why.
pub fn table(comparison: &Comparison) -> String {
    let mut text = format!("\nChanges since {}; intervals at 95 %.\n", comparison.since);
    for warning in &comparison.warnings {
        text += &format!("warning: {warning}\n");
    }
    let is_long = comparison.pairs.len() > MOST;
    let is_shown = |pair: &&Pair| !is_long || pair.lost.is_some() || is_other(pair);
    let shown: Vec<&Pair> = comparison
        .pairs
        .iter()
        .filter(is_shown)
        .take(MOST)
        .collect();
    if shown.len() < comparison.pairs.len() {
        text += &format!(
            "{} of {} figures, of those that changed or are gone.\n",
            thousands(shown.len()),
            thousands(comparison.pairs.len())
        );
    }
    if !shown.is_empty() {
        let mut table = new_table(&["case", "allocator", "figure", "change", ""]);
        for pair in shown {
            table.add_row(cells(pair));
        }
        align_right(&mut table, 3..4);
        text += &format!("{table}\n");
    }
    let lost = comparison.pairs.iter().filter(|pair| pair.lost.is_some());
    let lines = lost
        .map(Pair::to_string)
        .chain(comparison.not_compared.iter().cloned());
    text += &lines.map(|line| line + "\n").collect::<String>();
    text + &summary(comparison)
}

/// The most figures that a reader is shown.
const MOST: usize = 2_000;

/// Whether the figure changed beyond noise.
fn is_other(pair: &Pair) -> bool {
    let change = pair.change;
    change.is_some_and(|change| change.verdict() != Verdict::WithinNoise)
}

/// How many changes there are of each kind, figure by figure.
fn summary(comparison: &Comparison) -> String {
    let mut metrics: Vec<&str> = Vec::new();
    for pair in &comparison.pairs {
        if !metrics.contains(&pair.metric.as_str()) {
            metrics.push(&pair.metric);
        }
    }
    let line = |metric: &&str| {
        let pairs = comparison
            .pairs
            .iter()
            .filter(|pair| pair.metric == *metric);
        let verdicts: Vec<Verdict> = pairs
            .filter_map(|pair| Some(pair.change?.verdict()))
            .collect();
        let n = |verdict| verdicts.iter().filter(|found| **found == verdict).count();
        let [less, more, noise] = [Verdict::Less, Verdict::More, Verdict::WithinNoise].map(n);
        format!("{metric}: {less} less, {more} more, {noise} no change within noise.\n")
    };
    metrics.iter().map(line).collect()
}

fn cells(pair: &Pair) -> Vec<Cell> {
    let says = match (pair.change, &pair.lost) {
        (_, Some(_)) => "lost",
        (None, None) => "not comparable",
        (Some(change), None) => match change.verdict() {
            Verdict::Less => "less",
            Verdict::More => "more",
            Verdict::WithinNoise => "no change within noise",
        },
    };
    let is_worse = pair.lost.is_some() || pair.change.is_some_and(|change| change.is_worse());
    let says = match (is_worse, is_other(pair)) {
        (true, _) => Cell::new(says).fg(Color::Red),
        (false, true) => Cell::new(says).fg(Color::Green),
        (false, false) => Cell::new(says),
    };
    let [case, subject, metric] = [&pair.case, &pair.subject, &pair.metric].map(Cell::new);
    vec![
        case,
        subject,
        metric,
        Cell::new(figure(pair.change, percentages)),
        says,
    ]
}

/// `+3.1 % (−0.2 … +6.0)`.
fn percentages(change: Change) -> String {
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
    use crate::testing::{results, time};

    #[test]
    fn the_table_says_what_changed_and_what_did_not() {
        let run = |times: &[f64]| {
            results(vec![
                time("libc", "churn", times),
                time("talc", "churn", &[9.0; 5]),
            ])
        };
        let found = Comparison::of(&run(&[20.0; 5]), &run(&[10.0; 5]), "before", &[]).unwrap();
        let text = table(&found);
        assert!(text.contains("+100.0 % (+100.0 … +100.0)"), "{text}");
        assert!(
            text.contains("time: 0 less, 1 more, 1 no change within noise."),
            "{text}"
        );
        assert_eq!(signed(0.9), "−10.0");
        assert_eq!(signed(0.99999), "0.0");
    }
}
