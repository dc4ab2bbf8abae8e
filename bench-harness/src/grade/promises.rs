//! The contract, promise by promise.

use std::time::Duration;

use super::fault::Fault;
use crate::allocators::Entry;
use crate::child::Death;
use crate::conformance::promise;
use crate::job::Broken;
use crate::output::progress;

/// What became of each promise, simple ones first.
pub(super) struct Promises(Vec<Promise>);

/// One promise.
pub(super) struct Promise {
    /// The name of its scenario.
    pub(super) scenario: &'static str,
    pub(super) outcome: Outcome,
}

/// What became of a promise.
pub(super) enum Outcome {
    Kept,
    Broken(Broken),
    /// The process that tried it came to no end of its own.
    Died(Death),
    /// It was not tried, because an earlier one hung.
    Untried,
}

impl Promises {
    /// Tries all of them, each in a process of its own, until one hangs.
    pub(super) fn try_all(entry: &Entry, cases: Option<u32>, patience: Duration) -> Self {
        let scenarios = entry.subject.scenarios();
        let progress = progress(scenarios.len());
        let mut has_hung = false;
        let mut promises = Vec::new();
        for (index, scenario) in scenarios.into_iter().enumerate() {
            progress.set_message(scenario);
            let outcome = match has_hung {
                true => Outcome::Untried,
                false => match promise(entry, index, cases, patience) {
                    Ok(None) => Outcome::Kept,
                    Ok(Some(broken)) => Outcome::Broken(broken),
                    Err(death) => Outcome::Died(death),
                },
            };
            has_hung |= outcome.is_hang();
            promises.push(Promise { scenario, outcome });
            progress.inc(1);
        }
        progress.finish_and_clear();
        Self(promises)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn n_kept(&self) -> usize {
        let is_kept = |promise: &&Promise| matches!(promise.outcome, Outcome::Kept);
        self.0.iter().filter(is_kept).count()
    }

    pub(super) fn are_kept(&self) -> bool {
        self.n_kept() == self.len()
    }

    /// How the first process ended that came to no end of its own, if one did.
    pub(super) fn death(&self) -> Option<&Death> {
        self.0.iter().find_map(|promise| match &promise.outcome {
            Outcome::Died(death) => Some(death),
            _ => None,
        })
    }

    /// Whether it is worth a replay: it serves the first request, and it came to an end each time.
    pub(super) fn is_usable(&self) -> bool {
        let first = self.0.first().map(|promise| &promise.outcome);
        matches!(first, Some(Outcome::Kept)) && !self.0.iter().any(|one| one.outcome.is_hang())
    }

    /// Those that are not kept, with the name of the fault.
    pub(super) fn faults(&self) -> impl Iterator<Item = (&Promise, Fault)> {
        let faults = self.0.iter();
        faults.filter_map(|promise| Some((promise, Fault::of(promise)?)))
    }

    /// The scenarios of each fault, the fault of the simplest first.
    pub(super) fn by_fault(&self) -> Vec<(Fault, Vec<&'static str>)> {
        let mut groups: Vec<(Fault, Vec<&'static str>)> = Vec::new();
        for (promise, fault) in self.faults() {
            match groups.iter_mut().find(|(other, _)| *other == fault) {
                Some((_, scenarios)) => scenarios.push(promise.scenario),
                None => groups.push((fault, vec![promise.scenario])),
            }
        }
        groups
    }
}

impl Outcome {
    fn is_hang(&self) -> bool {
        matches!(self, Self::Died(death) if death.is_hang())
    }
}
