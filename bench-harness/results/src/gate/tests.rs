//! Gates on made-up results.

use std::sync::Arc;

use super::*;
use crate::testing::{figure, results, time};
use crate::{Family, Linkage, Measurement, Results, Role};

/// `talc` is faster than the stage on one trace and slower on the other; `libc` completes one only.
fn two() -> Results {
    results(vec![
        time("stage", "a", &[4.0]),
        time("talc", "a", &[8.0]),
        time("libc", "a", &[1.0]),
        time("stage", "b", &[6.0]),
        time("talc", "b", &[3.0]),
    ])
}

fn gate(lines: &str) -> Gate {
    let text = format!("[[gate]]\nsubject = \"stage\"\nmetric = \"time\"\n{lines}");
    parse(&text).unwrap().remove(0)
}

/// What becomes of a gate with these lines on `results`.
fn judged(lines: &str, results: &Results) -> String {
    match gate(lines).judge(results) {
        Ok(judgement) => judgement.to_string(),
        Err(nothing) => nothing.to_string(),
    }
}

#[test]
fn the_best_of_the_others_is_found_on_each_case() {
    let text = judged("over = 'best'\nstat = 'worst'\nat_most = 1.05", &two());
    assert_eq!(
        text,
        "stage, time over libc, worst on a: 4.000; at most 1.050: **missed**"
    );
    let text = judged(
        "on = ['b']\nover = 'best'\nstat = 'worst'\nat_most = 2.0",
        &two(),
    );
    assert_eq!(
        text,
        "stage, time over talc, worst on b: 2.000; at most 2.000: **reached**"
    );
}

#[test]
fn the_mean_is_over_the_best_of_those_that_complete_most() {
    let text = judged(
        "over = 'best-mean'\nstat = 'geomean'\nat_most = 0.75",
        &two(),
    );
    assert_eq!(
        text,
        "stage, time over talc, of 2 cases: 1.000; at most 0.750: **missed**"
    );
    let text = judged("over = 'libc'\nstat = 'geomean'\nat_most = 5.0", &two());
    assert_eq!(
        text,
        "stage, time over libc, of 1 case: 4.000; at most 5.000: **reached**"
    );
}

#[test]
fn who_competes_can_be_chosen_and_a_bound_is_no_figure() {
    let without = "over = 'best'\nnot_rivals = ['libc']\nstat = 'worst'\nat_most = 9.0";
    assert!(judged(without, &two()).contains("over talc, worst on b: 2.000"));
    let mut other = two();
    Arc::make_mut(&mut other.measurements[2].subject).family = Family::Fixed;
    let all = "over = 'best'\nstat = 'worst'\nat_most = 9.0";
    assert!(judged(all, &other).contains("over talc"), "another family");
    let mut other = two();
    Arc::make_mut(&mut other.measurements[2].subject).role = Role::Control;
    assert!(judged(all, &other).contains("over talc"), "the control");
    let mut other = two();
    other.measurements[2].outcome = crate::Outcome::AtMost(0.5);
    assert!(judged(all, &other).contains("over talc"), "a bound");
    let mut preloaded = two();
    for one in &mut preloaded.measurements[..1] {
        Arc::make_mut(&mut one.subject).linkage = Linkage::Preloaded;
    }
    assert!(
        judged(all, &preloaded).contains("over libc"),
        "libc is called in both ways"
    );
}

#[test]
fn a_figure_in_its_own_unit_is_that_of_whole_cases() {
    let lines = "stat = 'worst'\nwhole = true\nat_most = 5.0";
    assert!(judged(lines, &two()).contains("worst on b: 6.000; at most 5.000: **missed**"));
    let shortened = |mut one: Measurement| {
        one.case = Arc::unwrap_or_clone(one.case)
            .with(Case::SHORTENED, "1/16")
            .into();
        one
    };
    let short = results(two().measurements.into_iter().map(shortened).collect());
    assert!(judged(lines, &short).contains("not measured"));
    let beyond = judged("minus = 'talc'\nstat = 'worst'\nat_most = 3.0", &two());
    assert_eq!(
        beyond,
        "stage, time − talc’s, worst on b: 3.000; at most 3.000: **reached**"
    );
}

#[test]
fn a_share_is_of_the_sums() {
    let results = results(vec![
        figure("drain.freed", "stage", "a", &[100.0]),
        figure("drain.returned", "stage", "a", &[100.0]),
        figure("drain.freed", "stage", "b", &[100.0]),
        figure("drain.returned", "stage", "b", &[80.0]),
    ]);
    let text = "[[gate]]\nsubject = 'stage'\nmetric = 'drain.returned'\nper = 'drain.freed'\n\
                stat = 'sum'\nat_least = 0.95";
    let judgement = parse(text).unwrap()[0].judge(&results).unwrap();
    assert_eq!((judgement.value, judgement.is_met), (0.9, false));
}

#[test]
fn series_are_compared_moment_by_moment() {
    let series = |name, moments: &[f64]| figure("resident.moments", name, "a", moments);
    let results = results(vec![
        series("stage", &[20.0, 60.0, 100.0]),
        series("libc", &[16.0, 80.0, 100.0]),
    ]);
    let text = "[[gate]]\nsubject = 'stage'\nmetric = 'resident.moments'\nover = 'libc'\n\
                stat = 'worst-sample'\nat_most = 1.0";
    let judgement = parse(text).unwrap()[0].judge(&results).unwrap();
    assert_eq!((judgement.value, judgement.is_met), (1.25, false));
}

#[test]
fn a_gate_that_matches_nothing_is_an_error_and_never_a_pass() {
    for lines in [
        "on = ['nothing']",
        "suite = 'kernel'",
        "params = { heap = '2' }",
        "over = 'gone'",
    ] {
        let gate = gate(&format!("{lines}\nstat = 'worst'\nat_most = 1e9"));
        let nothing = gate.judge(&two()).unwrap_err().to_string();
        assert!(nothing.contains("not measured"), "{nothing}");
    }
}

#[test]
fn what_is_no_gate_is_refused() {
    let refused = |text: &str| format!("{:#}", parse(text).unwrap_err());
    let head = "[[gate]]\nsubject = 'stage'\n";
    let known = format!("{head}metric = 'time'\nstat = 'worst'\n");
    assert!(
        refused(&format!(
            "{head}metric = 'speed'\nstat = 'worst'\nat_most = 1"
        ))
        .contains("no metric `speed`")
    );
    assert!(refused(&known).contains("`at_most` or `at_least`"));
    assert!(refused(&format!("{known}at_most = 1\nat_lest = 1")).contains("at_lest"));
    assert!(refused(&format!("{known}per = 'time'\nat_most = 1")).contains("sum"));
    assert!(refused("gates = 1").contains("no gates"));
}

#[test]
fn goals_are_those_of_a_set() {
    let text = "[[gate]]\nset = 'x'\nsubject = 'stage'\nmetric = 'time'\nstat = 'worst'\nat_most = 9\n\
                [[gate]]\nset = 'x'\nsubject = 'gone'\nmetric = 'time'\nstat = 'worst'\nat_most = 9\n";
    let gates = parse(text).unwrap();
    let list = goals(&gates, "x", &two());
    assert_eq!(list.lines().count(), 2);
    assert!(
        list.contains("- gone, time: not measured; at most 9.000"),
        "{list}"
    );
    assert_eq!(goals(&gates, "y", &two()), "");
}
