//! Random programs, shrunk to the shortest that fails.

use core::cell::RefCell;
use std::collections::BTreeMap;
use std::string::ToString;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use super::super::lab::Lab;
use super::super::{Failure, Program, Verdict};
use super::recovery;
use crate::Reclaims;

/// Region lengths: short ones are exhausted quickly.
const LENS: [usize; 4] = [2 << 10, 16 << 10, 64 << 10, 256 << 10];

/// Random programs in regions of several lengths.
pub(super) fn programs(lab: &Lab<'_>) -> Verdict {
    let cases = (super::super::programs(), prop::sample::select(&LENS[..]));
    search(lab, cases, |(program, len)| {
        let verdict = lab.trial_in(0, *len, &mut |trial| lab.play(program, trial));
        verdict.map_err(|failure| blame(failure, program))
    })
}

/// Random programs in regions of odd lengths at odd addresses, often too short for much.
pub(super) fn programs_in_odd_regions(lab: &Lab<'_>) -> Verdict {
    let cases = (super::super::programs(), 0..=64_usize, 0..=9000_usize);
    search(lab, cases, |(program, skew, len)| {
        let verdict = lab.trial_in(*skew, *len, &mut |trial| lab.play(program, trial));
        verdict.map_err(|failure| blame(failure, program))
    })
}

/// After a random program, one block fits that is as large as any that ever did.
pub(super) fn recovery(lab: &Lab<'_>) -> Verdict {
    let largest = RefCell::new(BTreeMap::new());
    let cases = (super::super::programs(), prop::sample::select(&LENS[..]));
    search(lab, cases, |(program, len)| {
        let known = largest.borrow().get(len).copied();
        let max = match known {
            Some(max) => max,
            None => recovery::largest(lab, 0, *len)?,
        };
        largest.borrow_mut().insert(*len, max);
        let verdict = lab.trial_in(0, *len, &mut |trial| {
            if trial.subject().reclaims() != Reclaims::Everything {
                return Ok(());
            }
            lab.play(program, trial)?;
            recovery::expect_whole(trial, max)
        });
        verdict.map_err(|failure| blame(failure, program))
    })
}

fn blame(failure: Failure, program: &Program) -> Failure {
    Failure {
        program: Some(program.clone()),
        ..failure
    }
}

/// Tries random cases; the failure is that of the shortest found.
fn search<S: Strategy>(lab: &Lab<'_>, cases: S, test: impl Fn(&S::Value) -> Verdict) -> Verdict {
    let mut runner = TestRunner::new(Config {
        cases: lab.cases,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&cases, |case| {
        test(&case).map_err(|failure| TestCaseError::fail(failure.to_string()))
    });
    match outcome {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, case)) => {
            test(&case)?;
            Err(Failure::new(std::format!(
                "failed once, and not when repeated: {reason}"
            )))
        }
        Err(TestError::Abort(reason)) => Err(Failure::new(reason.message().to_string())),
    }
}
