//! Advice on made-up runs of a program.

use std::sync::Arc;

use super::*;
use crate::testing::{figure, results};
use crate::{Measurement, Suite};

/// Samples around `middle`, up to a hundredth away.
fn around(middle: f64) -> [f64; 5] {
    [0.99, 0.995, 1.0, 1.005, 1.01].map(|factor| middle * factor)
}

fn case() -> Case {
    Case::new(Suite::Program, "sort words")
}

/// The program under one arm: seconds of CPU, as many on the wall, and MiB.
fn arm(name: &str, seconds: f64, mib: f64) -> Vec<Measurement> {
    let figures = [
        ("wall", around(seconds)),
        ("cpu", around(seconds)),
        ("peak_rss", around(mib * f64::from(1 << 20))),
    ];
    let arm = figures.map(|(metric, samples)| {
        let mut one = figure(metric, name, "x", &samples);
        one.case = case().into();
        if name != "libc" {
            Arc::make_mut(&mut one.subject).setting = format!("LD_PRELOAD={name}");
        }
        one
    });
    arm.to_vec()
}

fn advice(arms: &[(&str, f64, f64)]) -> Advice {
    let arms = arms
        .iter()
        .flat_map(|(name, seconds, mib)| arm(name, *seconds, *mib));
    of(&results(arms.collect()), &case()).unwrap()
}

#[test]
fn what_is_better_beyond_noise_is_named_with_its_line() {
    let advice = advice(&[
        ("libc", 10.0, 100.0),
        ("je", 8.0, 90.0),
        ("slow", 12.0, 100.0),
    ]);
    assert_eq!(
        (advice.pick.as_str(), advice.setting.as_str()),
        ("je", "LD_PRELOAD=je")
    );
    assert_eq!(
        advice.sentence,
        "As this program's malloc: je, 0.80 (0.79–0.81) of libc's CPU time at 0.90 (0.88–0.92) of its peak memory."
    );
    assert!(advice.table.contains("12.000"), "{}", advice.table);
}

#[test]
fn libc_is_kept_where_nothing_differs() {
    let advice = advice(&[
        ("libc", 10.0, 100.0),
        ("je", 9.99, 100.0),
        ("slow", 12.0, 100.0),
    ]);
    assert_eq!(
        (advice.pick.as_str(), advice.setting.as_str()),
        ("libc", "")
    );
    let kept = "keep libc, which none of 2 others beats beyond noise in time times peak memory; je is too close";
    assert!(advice.sentence.contains(kept), "{}", advice.sentence);
}

#[test]
fn the_simplest_of_what_cannot_be_told_apart_is_taken() {
    let advice = advice(&[
        ("libc", 10.0, 100.0),
        ("tuned", 8.01, 100.0),
        ("je", 8.0, 100.0),
    ]);
    assert_eq!(advice.pick, "tuned");
    assert!(
        advice.sentence.contains("je is too close to tell"),
        "{}",
        advice.sentence
    );
}

#[test]
fn a_gain_that_libc_has_over_itself_is_none() {
    let arms = [
        ("libc", 10.0, 100.0),
        ("again", 8.9, 100.0),
        ("je", 9.0, 100.0),
    ];
    let arms = arms
        .iter()
        .flat_map(|(name, seconds, mib)| arm(name, *seconds, *mib));
    let mut found = results(arms.collect());
    for one in found
        .measurements
        .iter_mut()
        .filter(|one| one.subject.name == "again")
    {
        Arc::make_mut(&mut one.subject).role = Role::Control;
    }
    let advice = of(&found, &case()).unwrap();
    assert_eq!(advice.pick, "libc", "{}", advice.sentence);
    assert!(!advice.sentence.contains("again"), "{}", advice.sentence);
}

#[test]
fn what_costs_as_much_memory_as_it_saves_time_is_an_alternative() {
    let advice = advice(&[
        ("libc", 10.0, 100.0),
        ("big", 5.0, 300.0),
        ("small", 13.0, 80.0),
    ]);
    assert!(advice.sentence.contains("keep libc"), "{}", advice.sentence);
    assert!(
        advice
            .sentence
            .contains("faster with more memory: big, 0.50"),
        "{}",
        advice.sentence
    );
    assert!(
        advice
            .sentence
            .contains("slower with less memory: small, 1.30"),
        "{}",
        advice.sentence
    );
}

#[test]
fn threads_are_timed_by_the_clock_on_the_wall() {
    let mut arms = arm("libc", 10.0, 100.0);
    arms.extend(arm("je", 8.0, 100.0));
    for one in arms.iter_mut().filter(|one| one.metric == "cpu") {
        one.outcome = crate::Outcome::Samples(around(20.0).to_vec());
    }
    let advice = of(&results(arms), &case()).unwrap();
    assert!(
        advice.sentence.contains("of libc's time on the wall"),
        "{}",
        advice.sentence
    );
}

#[test]
fn an_arm_that_crashed_is_in_the_table_with_its_reason() {
    let mut arms = arm("libc", 10.0, 100.0);
    arms.extend(arm("je", 8.0, 100.0));
    for one in arms.iter_mut().filter(|one| one.subject.name == "je") {
        one.outcome = crate::Outcome::Failed("crashed with signal 11".to_string());
    }
    let advice = of(&results(arms), &case()).unwrap();
    assert_eq!(advice.pick, "libc");
    assert!(
        advice.table.contains("je: crashed with signal 11"),
        "{}",
        advice.table
    );
    assert_eq!(of(&results(Vec::new()), &case()), None);
}

#[test]
fn the_program_may_do_what_the_replay_foretold_or_not() {
    let trace = Case {
        fingerprint: Some(1),
        n_ops: Some(1000),
        ..Case::new(Suite::Trace, "t")
    };
    let replayed = |name: &str, ns: f64| {
        [
            figure("time", name, "t", &around(ns)),
            figure("resident", name, "t", &[1e8]),
        ]
    };
    let with = |je: f64| {
        let mut all = arm("libc", 10.0, 100.0);
        all.extend(arm("je", 8.0, 100.0));
        all.extend(replayed("libc", 10.0));
        all.extend(replayed("je", je));
        let mut again = arm("again", 10.0, 100.0);
        again.extend(replayed("again", 10.0));
        for one in &mut again {
            Arc::make_mut(&mut one.subject).role = Role::Control;
        }
        all.extend(again);
        agreement(&results(all), &trace, &case())
    };
    assert!(with(8.0).contains("foretold the order"), "{}", with(8.0));
    assert!(
        with(12.0).contains("in 1 of 1 pairs: it has je before libc"),
        "{}",
        with(12.0)
    );
    assert!(
        with(10.0).contains("tell no two of 2 apart"),
        "{}",
        with(10.0)
    );
}
