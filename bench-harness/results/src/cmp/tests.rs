//! Comparisons of made-up runs.

use std::sync::Arc;

use super::*;
use crate::testing::{figure, results, time};
use crate::{Measurement, Outcome};

const TIMES: [f64; 5] = [20.0, 20.1, 20.2, 20.3, 20.4];

/// libc on churn: its times, and its footprint.
fn one(times: &[f64], footprint: f64) -> Results {
    results(vec![
        time("libc", "churn", times),
        figure("footprint", "libc", "churn", &[footprint]),
    ])
}

fn compare(new: &Results, old: &Results) -> Comparison {
    Comparison::of(new, old, "before", &[]).unwrap()
}

/// The verdict on a figure that was `old` and is `new`.
fn verdict(metric: &str, new: &[f64], old: &[f64]) -> Option<Verdict> {
    let run = |samples: &[f64]| results(vec![figure(metric, "libc", "churn", samples)]);
    let comparison = compare(&run(new), &run(old));
    comparison.pairs[0].change.map(|change| change.verdict())
}

#[test]
fn equal_runs_do_not_differ() {
    let comparison = compare(&one(&TIMES, 1000.0), &one(&TIMES, 1000.0));
    assert_eq!(comparison.pairs.len(), 2);
    for pair in &comparison.pairs {
        assert_eq!(pair.change.unwrap().verdict(), Verdict::WithinNoise);
    }
    assert_eq!(comparison.regressions(0.0).count(), 0);
}

#[test]
fn a_regression_is_one_beyond_the_limit_only() {
    let slower = TIMES.map(|time| time * 1.2);
    let comparison = compare(&one(&slower, 1000.0), &one(&TIMES, 1000.0));
    let time = comparison.pairs[0].change.unwrap();
    assert_eq!(time.verdict(), Verdict::More);
    assert!((time.ratio - 1.2).abs() < 1e-9);
    assert_eq!(comparison.regressions(10.0).count(), 1);
    assert_eq!(comparison.regressions(25.0).count(), 0);
    let back = compare(&one(&TIMES, 1000.0), &one(&slower, 1000.0));
    assert_eq!(back.pairs[0].change.unwrap().verdict(), Verdict::Less);
    assert_eq!(back.regressions(0.0).count(), 0, "faster is no regression");
}

#[test]
fn a_footprint_that_grew_is_a_regression() {
    let comparison = compare(&one(&TIMES, 1500.0), &one(&TIMES, 1000.0));
    assert_eq!(comparison.regressions(40.0).count(), 1);
    assert_eq!(comparison.regressions(60.0).count(), 0);
}

#[test]
fn a_footprint_is_known_to_a_thousandth_and_resident_memory_to_some_pages() {
    assert_eq!(
        verdict("footprint", &[100_100.0], &[100_000.0]),
        Some(Verdict::WithinNoise)
    );
    assert_eq!(
        verdict("footprint", &[101_000.0], &[100_000.0]),
        Some(Verdict::More)
    );
    assert_eq!(
        verdict("footprint", &[90_000.0], &[100_000.0]),
        Some(Verdict::Less)
    );
    assert_eq!(
        verdict("resident", &[104_096.0], &[100_000.0]),
        Some(Verdict::WithinNoise)
    );
    assert_eq!(
        verdict("time", &[2.0, 2.0], &[1.0; 5]),
        None,
        "two times say nothing"
    );
}

#[test]
fn where_more_is_better_less_is_a_regression() {
    let run = |share| results(vec![figure("filled", "stage", "fill", &[share])]);
    let comparison = compare(&run(0.8), &run(0.9));
    assert_eq!(comparison.pairs[0].change.unwrap().verdict(), Verdict::Less);
    assert_eq!(comparison.regressions(5.0).count(), 1);
    assert_eq!(compare(&run(0.9), &run(0.8)).regressions(0.0).count(), 0);
}

#[test]
fn a_figure_that_was_none_at_all_is_compared() {
    assert_eq!(
        verdict("failed", &[0.0], &[0.0]),
        Some(Verdict::WithinNoise)
    );
    assert_eq!(verdict("failed", &[3.0], &[0.0]), Some(Verdict::More));
    assert_eq!(verdict("failed", &[0.0], &[3.0]), Some(Verdict::Less));
}

#[test]
fn a_figure_that_is_gone_is_a_regression_at_any_limit() {
    let old = one(&TIMES, 1000.0);
    let gone = |index: usize, outcome: Outcome| {
        let mut new = old.clone();
        new.measurements[index].outcome = outcome;
        let comparison = compare(&new, &old);
        let worse: Vec<_> = comparison.regressions(1e4).map(Pair::to_string).collect();
        assert_eq!(worse.len(), 1, "{comparison:?}");
        assert!(table(&comparison).contains(&worse[0]));
        let back = compare(&old, &new);
        assert_eq!(back.regressions(0.0).count(), 0, "a new figure is none");
        worse[0].clone()
    };
    let time = gone(0, Outcome::Stopped("why".to_string()));
    assert_eq!(time, "time of libc on churn (was 20.2 ns, now none: why)");
    assert!(gone(1, Outcome::Failed("why".to_string())).contains("now none: why"));
    assert!(gone(1, Outcome::AtMost(900.0)).contains("the search ran out of time"));
}

#[test]
fn a_row_too_slow_to_be_repeated_has_lost_its_time() {
    let lost = |samples: &[f64], reps| {
        let mut new = results(vec![time("libc", "churn", samples)]);
        new.runs[0].reps = reps;
        compare(&new, &results(vec![time("libc", "churn", &[12.3; 5])])).pairs[0]
            .lost
            .clone()
    };
    let why = lost(&[9000.0], 5).unwrap();
    assert_eq!(why, "was 12.3 ns, now 9,000 ns, too slow to be repeated");
    assert_eq!(lost(&[9000.0], 1), None, "one was asked for");
    assert_eq!(lost(&[12.3], 5), None);
}

#[test]
fn what_only_one_run_has_is_listed_once() {
    let old = results(vec![
        time("libc", "churn", &TIMES),
        time("talc", "churn", &TIMES),
        figure("footprint", "talc", "churn", &[1.0]),
        time("libc", "ramp", &TIMES),
    ]);
    let comparison = compare(&one(&TIMES, 1.0), &old);
    let absent = [
        "talc on churn: only in the earlier run",
        "ramp: only in the earlier run",
    ];
    assert_eq!(comparison.not_compared, absent);
    let absent = [
        "talc on churn: not in the earlier run",
        "ramp: not in the earlier run",
    ];
    assert_eq!(compare(&old, &one(&TIMES, 1.0)).not_compared, absent);
}

#[test]
fn a_comparison_without_a_figure_is_empty() {
    let run = one(&TIMES, 1000.0);
    assert!(!compare(&run, &run).is_empty());
    assert!(compare(&run, &results(Vec::new())).is_empty());
    let none = |one: Measurement| Measurement {
        outcome: Outcome::Stopped(String::new()),
        ..one
    };
    let nothing = results(run.measurements.iter().cloned().map(none).collect());
    assert!(compare(&run, &nothing).is_empty(), "there was none before");
    assert!(!compare(&nothing, &run).is_empty(), "what is lost counts");
}

#[test]
fn other_work_is_not_compared() {
    let mut old = one(&TIMES, 1000.0);
    for one in &mut old.measurements {
        Arc::make_mut(&mut one.case).fingerprint = Some(2);
    }
    let comparison = compare(&one(&TIMES, 1000.0), &old);
    assert!(comparison.pairs.is_empty());
    assert_eq!(comparison.not_compared, ["churn: other work: not compared"]);
}

#[test]
fn only_the_figures_that_are_named_are_compared_and_each_is_known() {
    let (new, old) = (one(&TIMES, 1500.0), one(&TIMES, 1000.0));
    let of = |name: &str| Comparison::of(&new, &old, "before", &[name.to_string()]);
    assert_eq!(of("time").unwrap().regressions(5.0).count(), 0);
    assert_eq!(of("footprint").unwrap().regressions(5.0).count(), 1);
    assert!(
        of("speed")
            .unwrap_err()
            .to_string()
            .contains("no metric `speed`")
    );
}

#[test]
fn another_machine_is_warned_of() {
    let mut old = one(&TIMES, 1000.0);
    old.runs[0].machine.kernel = "other".to_string();
    let comparison = compare(&one(&TIMES, 1000.0), &old);
    assert!(comparison.warnings[0].contains("the machines differ"));
}
