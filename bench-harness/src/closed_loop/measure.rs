//! Challenges put to allocators, one process each, and the tables that they make.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bench_results::grid::Draw;
use bench_results::{
    Case, Family, Linkage, Measurement, Outcome, Role, Subject, Suite, figures, group,
};

use super::{Challenge, Figure, any_fit_bound, best_fit_bound, first_fit_bound, robson_bound};
use crate::allocators::{Entry, Memory};
use crate::child::ask;
use crate::job::{Answer, Job, Question};
use crate::limits::patience;
use crate::report::records::{measured, subject};

/// Time for one allocator and one challenge.
const LIMIT: Duration = Duration::from_secs(5);

/// The figures of a challenge, the one that is asked for first.
const FILLED: [&str; 3] = ["filled", "filled.least", "filled.most"];
const NEEDED: [&str; 2] = ["needed", "header"];

/// Puts `challenge` to every allocator; `None` if that was interrupted.
pub fn measure(
    entries: &[Entry],
    challenge: Challenge,
    interrupted: &AtomicBool,
) -> Option<Vec<Measurement>> {
    let mut all = Vec::new();
    for entry in entries {
        if interrupted.load(Ordering::Relaxed) {
            return None;
        }
        all.extend(row(entry, challenge));
    }
    all.extend(bounds(challenge));
    // What stops this process stops its child as well.
    (!interrupted.load(Ordering::Relaxed)).then_some(all)
}

fn row(entry: &Entry, challenge: Challenge) -> Vec<Measurement> {
    let (subject, case) = (subject(entry), challenge.case());
    let metric = match challenge {
        Challenge::FillToFailure { .. } => FILLED[0],
        Challenge::Robson { .. } | Challenge::BestFit { .. } => NEEDED[0],
    };
    let none = |outcome| vec![measured(&subject, &case, metric, outcome)];
    let figures = |names: &[&str], figures: &[f64]| {
        let figures = names.iter().zip(figures);
        figures
            .map(|(name, figure)| measured(&subject, &case, name, Outcome::one(*figure)))
            .collect()
    };
    if entry.memory == Memory::System {
        let why = "not run: its memory has no end";
        return none(Outcome::NotApplicable(why.to_string()));
    }
    match ask(
        &Job::new(entry, Question::Challenge(challenge), LIMIT),
        patience(LIMIT),
    ) {
        Ok(Answer::Challenged(Figure::Unknown)) => {
            none(Outcome::Stopped("not found in the time given".to_string()))
        }
        Ok(Answer::Challenged(Figure::NeededMore { than })) => {
            none(Outcome::Stopped(format!("more than {than:.0} units")))
        }
        Ok(Answer::Challenged(Figure::Filled {
            mean, least, most, ..
        })) => figures(&FILLED, &[mean, least, most]),
        Ok(Answer::Challenged(
            Figure::Needed { units, header } | Figure::Spread { units, header },
        )) => figures(&NEEDED, &[units, header as f64]),
        Ok(_) => none(Outcome::Failed("it answered another question".to_string())),
        Err(death) => none(Outcome::Failed(death.to_string())),
    }
}

/// What is proved of a challenge, beside the allocators.
fn bounds(challenge: Challenge) -> Vec<Measurement> {
    let bounds = match challenge {
        Challenge::FillToFailure { .. } => Vec::new(),
        Challenge::Robson { live, log_largest } => {
            let largest = 1 << log_largest;
            vec![
                ("any, at least", robson_bound(live, largest)),
                (
                    "first fit by address, at most",
                    first_fit_bound(live, largest),
                ),
                ("any that merges, at most", any_fit_bound(live, largest)),
            ]
        }
        Challenge::BestFit { live, largest } => vec![
            (
                "best fit that merges at once, at least",
                best_fit_bound(live, largest),
            ),
            (
                "first fit by address, at most",
                first_fit_bound(live, largest),
            ),
        ],
    };
    let bound = |(name, units): (&str, f64)| {
        let subject = Subject::new(name, Role::Control, Family::Fixed, Linkage::Linked);
        measured(&subject, &challenge.case(), NEEDED[0], Outcome::one(units))
    };
    bounds.into_iter().map(bound).collect()
}

/// Whether a case is one of these.
pub(crate) fn is_case(case: &Case) -> bool {
    case.suite == Suite::Adversary
}

/// A table for each challenge: what came of it, and what is proved of it.
pub(crate) fn tables(all: &[Measurement], draw: Draw) -> String {
    let table = |case: &&Case| {
        let same: Vec<Measurement> = all
            .iter()
            .filter(|one| one.case.is_called_as(case))
            .cloned()
            .collect();
        let metrics: &[&str] = match same.first().map(|one| one.metric.as_str()) {
            Some(metric) if metric == FILLED[0] => &FILLED,
            _ => &NEEDED,
        };
        let lines = figures::by_subject(&same, metrics);
        format!("\n{case}: {}\n\n{}", question(&case.name), draw(&lines))
    };
    group::cases(all).iter().map(table).collect()
}

/// What the challenge of that name asks.
pub(crate) fn question(name: &str) -> &'static str {
    match name {
        name if name.starts_with("fill") => {
            "How much of a heap is the program's when a request first fails?"
        }
        name if name.contains("best-fit") => {
            "How many units does it need if taking the best hole is a mistake each time?"
        }
        _ => "How many units does an adversary that sees every address make it need?",
    }
}
