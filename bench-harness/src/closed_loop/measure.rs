//! Challenges put to allocators, one process each, and the tables that they make.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use comfy_table::Table;
use serde::{Deserialize, Serialize};

use super::{Challenge, Figure, any_fit_bound, best_fit_bound, first_fit_bound, robson_bound};
use crate::allocators::{Entry, Memory};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::limits::patience;
use crate::report::units::{bytes, ratio};
use bench_results::grid::{align_right, new_table};

/// Time for one allocator and one challenge.
const LIMIT: Duration = Duration::from_secs(5);

/// All allocators on one challenge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChallengeReport {
    /// What it is called.
    pub name: String,
    /// The challenge with its parameters.
    pub challenge: Challenge,
    /// One for each allocator.
    pub rows: Vec<ChallengeRow>,
}

/// One allocator on one challenge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChallengeRow {
    /// The allocator's name.
    pub allocator: String,
    /// What it came to; `null` if it was not put to it or did not survive it.
    pub figure: Option<Figure>,
    /// Why there is no figure.
    pub note: String,
    /// It crashed or hung.
    pub broken: bool,
}

/// Puts every challenge to every allocator.
pub fn measure(
    entries: &[Entry],
    challenges: &[Challenge],
    interrupted: &AtomicBool,
) -> Vec<ChallengeReport> {
    let mut reports = Vec::new();
    for challenge in challenges {
        let mut rows = Vec::new();
        for entry in entries {
            if interrupted.load(Ordering::Relaxed) {
                return reports;
            }
            rows.push(row(entry, *challenge));
        }
        // What stops this process stops its child as well.
        if interrupted.load(Ordering::Relaxed) {
            return reports;
        }
        reports.push(ChallengeReport {
            name: challenge.name(),
            challenge: *challenge,
            rows,
        });
    }
    reports
}

fn row(entry: &Entry, challenge: Challenge) -> ChallengeRow {
    let row = |figure, note: &str, broken| ChallengeRow {
        allocator: entry.name.to_string(),
        figure,
        note: note.to_string(),
        broken,
    };
    if entry.memory == Memory::System {
        return row(None, "not run: its memory has no end", false);
    }
    match ask(&job(entry, challenge), patience(LIMIT)) {
        Ok(Answer::Challenged(Figure::Unknown)) => row(None, "not found in the time given", false),
        Ok(Answer::Challenged(figure)) => row(Some(figure), "", false),
        Ok(_) => row(None, "it answered another question", true),
        Err(death) => row(None, &death.to_string(), true),
    }
}

fn job(entry: &Entry, challenge: Challenge) -> Job {
    Job {
        allocator: entry.name.to_string(),
        trace: PathBuf::new(),
        recipe: None,
        preload: None,
        program: None,
        ops: None,
        n_warm_up: 0,
        question: Question::Challenge(challenge),
        limit_ms: LIMIT.as_millis() as u64,
    }
}

/// The table of one challenge.
pub fn table(report: &ChallengeReport) -> String {
    let challenge = report.challenge;
    let (about, mut table) = match challenge {
        Challenge::FillToFailure {
            heap,
            largest,
            rounds,
            ..
        } => {
            let about = format!(
                "heap {}, sizes up to {largest} and ten times that, {rounds} rounds",
                bytes(heap)
            );
            (
                about,
                new_table(&["allocator", "used", "least", "most", "notes"]),
            )
        }
        Challenge::Robson { live, log_largest } => {
            let header = ["allocator", "units", "/ live", "header", "notes"];
            (bounds(live, 1 << log_largest), new_table(&header))
        }
        Challenge::BestFit { live, largest } => {
            let header = ["allocator", "units", "/ live", "header", "notes"];
            (bounds_of_best_fit(live, largest), new_table(&header))
        }
    };
    for row in &report.rows {
        add(&mut table, row, challenge);
    }
    align_right(&mut table, 1..4);
    let question = challenge.question();
    format!("\n{}: {question}\n{about}\n{table}\n", report.name)
}

/// A share in per cent, to a hundredth: the best heaps differ by less than a tenth.
fn hundredths(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn bounds(live: usize, largest: usize) -> String {
    format!(
        "{live} units live, blocks of up to {largest}; any allocator needs {:.0}; first fit in address \
         order at most {:.0}, any that merges {:.0}",
        robson_bound(live, largest),
        first_fit_bound(live, largest),
        any_fit_bound(live, largest),
    )
}

fn bounds_of_best_fit(live: usize, largest: usize) -> String {
    format!(
        "{live} units live, blocks of up to {largest}; best fit that merges at once needs {:.0} at least, \
         first fit in address order {:.0} at most",
        best_fit_bound(live, largest),
        first_fit_bound(live, largest),
    )
}

fn add(table: &mut Table, row: &ChallengeRow, challenge: Challenge) {
    let none = || "–".to_string();
    let cells = match (row.figure, challenge) {
        (
            Some(Figure::Filled {
                mean, least, most, ..
            }),
            _,
        ) => [mean, least, most].map(hundredths),
        (
            Some(Figure::Needed { units, header } | Figure::Spread { units, header }),
            Challenge::Robson { live, .. } | Challenge::BestFit { live, .. },
        ) => [
            format!("{units:.0}"),
            ratio(units / live as f64),
            header.to_string(),
        ],
        (Some(Figure::NeededMore { than }), _) => [format!("> {than:.0}"), none(), none()],
        _ => [none(), none(), none()],
    };
    let [first, second, third] = cells;
    table.add_row([&row.allocator, &first, &second, &third, &row.note]);
}
