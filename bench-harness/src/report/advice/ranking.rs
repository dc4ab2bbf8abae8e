//! Which contender to take, and which others deserve to be named.

use super::Ratio;
use super::contenders::{Contender, Contenders};
use crate::allocators::{BASELINE, Need};
use bench_results::advice::words::least;

/// The contenders in their places.
#[derive(Default)]
pub(super) struct Ranking<'a> {
    /// The one to take.
    pub(super) pick: Option<&'a Contender<'a>>,
    /// Those that are not worse than the pick beyond noise.
    pub(super) too_close: Vec<&'a Contender<'a>>,
    /// The fastest, if it is worth naming.
    pub(super) faster: Option<&'a Contender<'a>>,
    /// The fastest in the median, if that is worth naming and its noise leaves it open, and nothing is faster for sure.
    pub(super) perhaps_faster: Option<&'a Contender<'a>>,
    /// The smallest, if it is worth naming.
    pub(super) smaller: Option<&'a Contender<'a>>,
    /// An interval is missing: there are too few times.
    pub(super) has_few_times: bool,
}

impl<'a> Ranking<'a> {
    pub(super) fn of(contenders: &'a Contenders<'a>) -> Self {
        let Some(pick) = pick(contenders) else {
            return Self::default();
        };
        let others = || {
            let ranked = contenders.ranked.iter();
            ranked.filter(move |other| other.name != pick.name)
        };
        let cost = |other: &Contender<'_>| contenders.cost(other, pick);
        let has_few_times = |cost: Option<Ratio>| cost.is_some_and(|cost| cost.interval.is_none());
        let mut too_close: Vec<_> = others()
            .filter(|other| other.name != BASELINE)
            .filter(|other| cost(other).is_some_and(|cost| !cost.is_more()))
            .collect();
        too_close.sort_by(|a, b| value(cost(a)).total_cmp(&value(cost(b))));
        let time = |other: &&Contender<'_>| contenders.time(other, pick);
        let faster = least(others(), time, true);
        let is_named =
            |other: &&Contender<'_>| too_close.iter().any(|near| near.name == other.name);
        Self {
            pick: Some(pick),
            faster,
            perhaps_faster: least(others(), time, false)
                .filter(|other| faster.is_none() && !is_named(other)),
            smaller: least(others(), |other| contenders.memory(other, pick), true),
            has_few_times: too_close
                .iter()
                .chain(&[pick])
                .any(|near| has_few_times(cost(near))),
            too_close,
        }
    }
}

/// The contender with the least time times memory; libc if that does not beat it beyond noise.
fn pick<'a>(contenders: &'a Contenders<'a>) -> Option<&'a Contender<'a>> {
    let (libc, others): (Vec<_>, Vec<_>) = contenders
        .ranked
        .iter()
        .partition(|contender| contender.name == BASELINE);
    let libc = libc.first().copied();
    let reference = libc.or(others.first().copied())?;
    let cost = |contender: &Contender<'_>| value(contenders.cost(contender, reference));
    let best = others
        .into_iter()
        .min_by(|a, b| cost(a).total_cmp(&cost(b)));
    let beats = |best: &&Contender<'_>| {
        let cost = contenders.cost(best, reference);
        contenders.need != Need::Process || cost.is_some_and(Ratio::is_less)
    };
    match libc {
        Some(libc) => Some(best.filter(beats).unwrap_or(libc)),
        None => best,
    }
}

fn value(ratio: Option<Ratio>) -> f64 {
    ratio.map_or(f64::INFINITY, |ratio| ratio.value)
}
