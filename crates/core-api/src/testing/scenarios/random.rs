//! Scenarios: random programs, shrunk to the shortest that fails.

use core::cell::RefCell;
use std::collections::BTreeMap;
use std::string::ToString;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use super::super::lab::Lab;
use super::super::{Failure, Program, Verdict};
use super::recovery;
use crate::Reclaims;

/// Region lengths: programs exhaust the short ones quickly.
const LENS: [usize; 4] = [2 << 10, 16 << 10, 64 << 10, 256 << 10];

/// Random programs run in regions of several lengths.
pub(super) fn programs(lab: &Lab<'_>) -> Verdict {
    search(lab, prop::sample::select(&LENS[..]), |program, &len| {
        lab.trial_in(0, len, &mut |trial| lab.play(program, trial))
    })
}

/// Random programs run in regions of odd lengths at odd addresses, which are often too short for many blocks.
pub(super) fn programs_in_odd_regions(lab: &Lab<'_>) -> Verdict {
    search(lab, (0..=64_usize, 0..=9000_usize), |program, place| {
        let &(skew, len) = place;
        lab.trial_in(skew, len, &mut |trial| lab.play(program, trial))
    })
}

/// After a random program, a block fits that is as large as the largest in a fresh heap.
pub(super) fn recovery(lab: &Lab<'_>) -> Verdict {
    let largest = RefCell::new(BTreeMap::new());
    search(lab, prop::sample::select(&LENS[..]), |program, &len| {
        let known = largest.borrow().get(&len).copied();
        let max = match known {
            Some(max) => max,
            None => recovery::largest(lab, 0, len)?,
        };
        largest.borrow_mut().insert(len, max);
        lab.trial_in(0, len, &mut |trial| {
            if trial.subject().reclaims() != Reclaims::Everything {
                return Ok(());
            }
            lab.play(program, trial)?;
            recovery::expect_whole(trial, max)
        })
    })
}

/// Tests random programs in random places; returns the failure of the shortest program found.
fn search<P: Strategy>(
    lab: &Lab<'_>,
    places: P,
    test: impl Fn(&Program, &P::Value) -> Verdict,
) -> Verdict {
    let mut runner = TestRunner::new(Config {
        cases: lab.cases,
        failure_persistence: None,
        // The default, four for each case, is too small to shrink a program if there are few cases.
        max_shrink_iters: 4096,
        ..Config::default()
    });
    let cases = (super::super::programs(), places);
    let outcome = runner.run(&cases, |(program, place)| {
        test(&program, &place).map_err(|failure| TestCaseError::fail(failure.to_string()))
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, (program, place))) => {
            let program = without_idle(program, |fewer| test(fewer, &place).is_err());
            let failure = match test(&program, &place) {
                Err(failure) => failure,
                Ok(()) => {
                    Failure::new(std::format!("failed once, and not when repeated: {reason}"))
                }
            };
            Err(Failure {
                program: Some(program),
                ..failure
            })
        }
        Err(TestError::Abort(reason)) => Err(Failure::new(reason.message().to_string())),
    }
}

/// Removes from `program` the operations that it does not need to fail.
///
/// proptest removes operations only before it makes sizes small. So it keeps an operation that becomes
/// unnecessary once the sizes are small.
fn without_idle(mut program: Program, fails: impl Fn(&Program) -> bool) -> Program {
    let shorter = |program: &Program| {
        let mut candidates = (0..program.ops().len()).map(|index| program.without(index));
        candidates.find(&fails)
    };
    while let Some(fewer) = shorter(&program) {
        program = fewer;
    }
    program
}
