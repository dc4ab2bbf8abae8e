//! Which `malloc` a program is to run on: one sentence, and the table behind it.
//!
//! The program itself ran under each arm, in turn. Time and peak memory weigh alike: what is compared is their
//! product over libc's. An arm is recommended if it is better than libc beyond noise, and than libc once more, and by
//! more than the two differ. Among arms that these runs cannot tell apart, the one that is simplest to use is: the first.

mod arms;
mod order;
pub mod words;

use crate::grid::{figure, terminal};
use crate::ratio::Ratio;
use crate::units::{bytes, ratio, thousands};
use crate::{Case, Results, Role};
use arms::{Arm, Arms};
use words::{least, list, with_interval};

pub use order::agreement;

/// What is less of a gain is none: the next version of the program would use it up.
const LEAST_GAIN: f64 = 0.98;
/// Of fewer runs nobody knows the noise.
const FEWEST_RUNS: usize = 3;

/// What a program is to run on.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// The arm, by its name.
    pub pick: String,
    /// The answer in words.
    pub sentence: String,
    /// What to put in front of the program; empty if it is to run as it does.
    pub setting: String,
    /// Time and peak memory over libc's, of the pick and then of those that are too close to it to tell.
    pub figures: Vec<(String, [Option<Ratio>; 2])>,
    /// The table behind the answer, a line for each arm.
    pub table: String,
}

/// The advice for the program `case`; `None` if it did not run under libc.
pub fn of(results: &Results, case: &Case) -> Option<Advice> {
    let arms = Arms::of(results, case)?;
    let pick = pick(&arms);
    let near = near(&arms, pick);
    let figures = |arm: &Arm<'_>| {
        let [time, peak] = [arms.time(arm, arms.libc()), arms.peak(arm, arms.libc())];
        (arm.subject.name.clone(), [time, peak])
    };
    Some(Advice {
        pick: pick.subject.name.clone(),
        figures: std::iter::once(pick).chain(near).map(figures).collect(),
        sentence: sentence(&arms, pick),
        setting: pick.subject.setting.clone(),
        table: table(&arms),
    })
}

/// The simplest of the best; libc if nothing is better beyond noise.
fn pick<'a, 'b>(arms: &'b Arms<'a>) -> &'b Arm<'a> {
    let libc = arms.libc();
    let noise = arms.control().and_then(|control| arms.cost(control, libc));
    let noise = noise.map_or(1.0, |noise| noise.value.min(1.0 / noise.value));
    let is_less = |arm: &Arm<'_>, old: &Arm<'_>, most: f64| {
        let cost = arms.cost(arm, old);
        cost.is_some_and(|cost| cost.is_less() && cost.value < most)
    };
    // Of many arms, one may seem better by chance; it will hardly seem so twice.
    let is_better = |arm: &&Arm<'_>| {
        let again = arms
            .control()
            .is_none_or(|control| is_less(arm, control, 1.0));
        again && is_less(arm, libc, noise.min(LEAST_GAIN))
    };
    let better: Vec<&Arm<'_>> = contenders(arms).filter(is_better).collect();
    let value = |arm: &Arm<'_>| {
        arms.cost(arm, libc)
            .map_or(f64::INFINITY, |cost| cost.value)
    };
    let best = better.iter().min_by(|a, b| value(a).total_cmp(&value(b)));
    let Some(best) = best else {
        return libc;
    };
    let is_as_good = |arm: &&&Arm<'_>| arms.cost(arm, best).is_some_and(|cost| !cost.is_more());
    better.iter().find(is_as_good).copied().unwrap_or(best)
}

fn contenders<'a, 'b>(arms: &'b Arms<'a>) -> impl Iterator<Item = &'b Arm<'a>> {
    let others = arms.each.iter().skip(1);
    others.filter(|arm| arm.subject.role != Role::Control)
}

/// What ran often enough and is not worse than `pick` beyond noise.
fn near<'a, 'b>(arms: &'b Arms<'a>, pick: &Arm<'_>) -> Vec<&'b Arm<'a>> {
    let is_close = |arm: &&Arm<'_>| {
        let cost = arms.cost(arm, pick).filter(|_| arm.n_runs() >= FEWEST_RUNS);
        arm.subject.name != pick.subject.name && cost.is_some_and(|cost| !cost.is_more())
    };
    contenders(arms).filter(is_close).collect()
}

fn sentence(arms: &Arms<'_>, pick: &Arm<'_>) -> String {
    let libc = arms.libc();
    let others = || contenders(arms).filter(|arm| arm.subject.name != pick.subject.name);
    let near = near(arms, pick);
    let near: Vec<&str> = near.iter().map(|arm| arm.subject.name.as_str()).collect();
    let mut clauses = vec![match pick.subject.name == libc.subject.name {
        true => {
            let beaten_by = match others().collect::<Vec<_>>()[..] {
                [only] => format!("{} does not beat", only.subject.name),
                ref others => format!("none of {} others beats", others.len()),
            };
            format!("keep libc, which {beaten_by} beyond noise in time times peak memory")
        }
        false => figures(arms, pick, libc),
    }];
    if !near.is_empty() {
        let verb = if near.len() == 1 { "is" } else { "are" };
        clauses.push(format!("{} {verb} too close to tell", list(&near)));
    }
    if let Some(faster) = least(others(), |arm| arms.time(arm, pick), true) {
        let what = match arms.peak(faster, pick).is_some_and(Ratio::is_more) {
            true => "faster with more memory",
            false => "faster",
        };
        clauses.push(format!("{what}: {}", figures(arms, faster, libc)));
    }
    if let Some(smaller) = least(others(), |arm| arms.peak(arm, pick), true) {
        let what = match arms.time(smaller, pick).is_some_and(Ratio::is_more) {
            true => "slower with less memory",
            false => "with less memory",
        };
        clauses.push(format!("{what}: {}", figures(arms, smaller, libc)));
    }
    if libc.n_runs() < FEWEST_RUNS {
        clauses.push("too few runs to know the noise".to_string());
    }
    format!("As this program's malloc: {}.", clauses.join("; "))
}

/// An arm with its figures over libc's.
fn figures(arms: &Arms<'_>, arm: &Arm<'_>, libc: &Arm<'_>) -> String {
    format!(
        "{}, {} of libc's {} at {} of its peak memory",
        arm.subject.name,
        figure(arms.time(arm, libc), with_interval),
        arms.clock().name(),
        figure(arms.peak(arm, libc), with_interval),
    )
}

const HEADER: [&str; 9] = [
    "under", "wall s", "/ libc", "CPU s", "/ libc", "peak", "/ libc", "faults", "runs",
];

fn table(arms: &Arms<'_>) -> String {
    let libc = arms.libc();
    let line = |arm: &Arm<'_>| {
        let seconds = |metric| figure(arm.median(metric), |seconds| format!("{seconds:.3}"));
        let over = |metric| {
            let both = arm.median(metric).zip(libc.median(metric));
            figure(both, |(arm, libc)| ratio(arm / libc))
        };
        vec![
            arm.subject.name.clone(),
            seconds("wall"),
            over("wall"),
            seconds("cpu"),
            over("cpu"),
            figure(arm.median("peak_rss"), |peak| bytes(peak as usize)),
            over("peak_rss"),
            figure(arm.median("faults"), |faults| thousands(faults as usize)),
            arm.n_runs().to_string(),
        ]
    };
    let lines: Vec<Vec<String>> = arms.each.iter().map(line).collect();
    let table = terminal(&HEADER.map(str::to_string), &lines).to_string();
    let failed = arms.each.iter().filter(|arm| !arm.why().is_empty());
    let notes: String = failed
        .map(|arm| format!("{}: {}\n", arm.subject.name, arm.why()))
        .collect();
    format!("{table}\n{notes}")
}

#[cfg(test)]
mod tests;
