//! Whether the program does the same in each run: what differs under libc is not the allocators' doing.

use std::collections::BTreeSet;

use crate::allocators::{BASELINE, CONTROL};
use crate::preload::{CommandReport, Run};
use crate::report::units::bytes;

/// Peaks that differ by more are a matter of the program.
const SAME: f64 = 1.1;

/// In what the program's runs under libc differ, and how that was noticed; empty if they do not.
pub(super) fn text(report: &CommandReport) -> String {
    let of_libc = |name: &str| name == BASELINE || name == CONTROL;
    let rows = report.rows.iter().filter(|row| of_libc(&row.allocator));
    let runs: Vec<&Run> = rows.flat_map(|row| &row.runs).collect();
    let differences = differences(&runs);
    match differences.is_empty() {
        true => String::new(),
        false => format!(
            "The program does not do the same each time. Of its {} runs under libc, {}. Take the figures as those of \
             what it happened to do.\n",
            runs.len(),
            differences.join(", ")
        ),
    }
}

/// What of a run is compared.
type Figure = fn(&Run) -> String;

fn differences(runs: &[&Run]) -> Vec<String> {
    let n_of = |figure: Figure| {
        let each: BTreeSet<String> = runs.iter().map(|run| figure(run)).collect();
        each.len()
    };
    let mut differences = Vec::new();
    let ways: [(&str, Figure); 3] = [
        ("exits", |run| format!("{:?}", run.exit)),
        ("standard outputs", |run| format!("{:?}", run.stdout)),
        ("standard errors", |run| format!("{:?}", run.stderr)),
    ];
    for (what, figure) in ways {
        let n = n_of(figure);
        if n > 1 {
            differences.push(format!("{n} {what} differ"));
        }
    }
    let peaks = || runs.iter().map(|run| run.peak_rss);
    if let (Some(least), Some(most)) = (peaks().min(), peaks().max())
        && most as f64 > SAME * least as f64
    {
        differences.push(format!(
            "the peaks are from {} to {}",
            bytes(least),
            bytes(most)
        ));
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preload::CommandRow;

    fn report(change: impl Fn(&mut Run)) -> CommandReport {
        let mut libc = CommandRow::measured("libc", 1.0);
        change(&mut libc.runs[1]);
        let mut other = CommandRow::measured("je", 1.0);
        other.runs[0].stdout = (9, 9);
        CommandReport {
            command: "date".to_string(),
            is_short: false,
            rows: vec![libc, other],
        }
    }

    #[test]
    fn a_program_that_does_the_same_is_not_spoken_of() {
        assert_eq!(text(&report(|_| ())), "");
    }

    #[test]
    fn what_differs_is_said() {
        let text = text(&report(|run| {
            run.stdout = (1, 7);
            run.peak_rss *= 2;
        }));
        for part in [
            "5 runs",
            "2 standard outputs differ",
            "from 16.0 MiB to 32.0 MiB",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("exits"), "{text}");
    }
}
