//! Answers to synthetic reports.

use super::*;
use crate::report::testing::{row, workload};
use crate::report::{Row, WorkloadReport};

/// A row of five times around `ns`, up to two hundredths away.
fn timed(name: &str, ns: f64, bytes: usize) -> Row {
    let times = [0.98, 0.99, 1.0, 1.01, 1.02].map(|factor| ns * factor);
    row(name, &times, bytes)
}

fn long(name: &str, rows: Vec<Row>) -> WorkloadReport {
    WorkloadReport {
        n_ops: 50_000,
        ..workload(name, rows)
    }
}

/// The sentence of the only need that these rows answer.
fn sentence(rows: Vec<Row>) -> String {
    let mut advice = of(&[long("mine", rows)]);
    assert_eq!(advice.len(), 1, "{advice:?}");
    advice.remove(0).sentence
}

fn pick(advice: &Advice) -> &str {
    &advice.pick.as_ref().expect("there is a pick").allocator
}

#[test]
fn a_clear_best_is_named_with_its_figures_and_intervals() {
    let advice = of(&[long(
        "mine",
        vec![
            timed("libc", 10.0, 1_000_000),
            timed("mmap-global", 9.0, 900_000),
            timed("thread-cached", 7.0, 950_000),
            timed("jemalloc", 7.0, 960_000),
        ],
    )]);
    let [advice] = &advice[..] else {
        panic!("one need: {advice:?}");
    };
    assert_eq!(
        (advice.category, pick(advice)),
        (Need::Process, "thread-cached")
    );
    assert_eq!(
        advice.sentence,
        "As this program's malloc: thread-cached, 0.70 (0.68–0.72) of libc's time at 0.95 of its \
         resident memory; jemalloc is too close to tell."
    );
    let time = advice.pick.as_ref().unwrap().time.unwrap();
    assert!((time.value - 0.7).abs() < 1e-9 && time.interval.unwrap().holds(0.7));
    assert_eq!(advice.too_close[0].allocator, "jemalloc");
}

#[test]
fn a_heap_without_a_lock_is_no_malloc() {
    let advice = of(&[long(
        "mine",
        vec![
            timed("libc", 10.0, 1_000_000),
            timed("mmap-backed", 5.0, 500_000),
            timed("mmap-global", 7.0, 500_000),
        ],
    )]);
    assert_eq!(pick(&advice[0]), "mmap-global");
    assert!(
        !advice[0].sentence.contains("mmap-backed"),
        "{}",
        advice[0].sentence
    );
}

#[test]
fn the_control_is_no_contender() {
    let rows = vec![
        timed("libc", 10.0, 1_000_000),
        timed("libc-again", 9.0, 1_000_000),
    ];
    assert_eq!(
        of(&[long("mine", rows)]),
        [],
        "nothing was measured beside libc"
    );
}

#[test]
fn libc_is_kept_where_nothing_beats_it_beyond_noise() {
    let worse = sentence(vec![
        timed("libc", 10.0, 1_000_000),
        timed("thread-cached", 14.0, 1_200_000),
        timed("jemalloc", 20.0, 1_000_000),
    ]);
    assert_eq!(
        worse,
        "As this program's malloc: keep libc, which nothing beats beyond noise in time times memory."
    );
    let close = sentence(vec![
        timed("libc", 10.0, 1_000_000),
        timed("jemalloc", 9.95, 1_000_000),
    ]);
    assert!(close.contains("keep libc"), "{close}");
    assert!(close.contains("jemalloc is too close to tell"), "{close}");
}

#[test]
fn runs_that_differ_widely_are_no_answer() {
    let wide =
        |name: &str, ns: f64| row(name, &[ns, 2.0 * ns, 3.0 * ns, 6.0 * ns, 9.0 * ns], 1_000);
    let sentence = sentence(vec![
        timed("libc", 10.0, 1_000),
        wide("coalescing", 2.0),
        wide("talc", 8.0),
    ]);
    let start =
        "For a fixed heap: the runs differ too much to tell; in the median, coalescing, 0.60";
    assert!(sentence.starts_with(start), "{sentence}");
}

#[test]
fn what_is_faster_in_most_runs_is_named_with_its_doubt() {
    let sentence = sentence(vec![
        timed("libc", 20.0, 1_000_000),
        timed("thread-cached", 13.0, 1_000_000),
        row("mimalloc", &[8.4, 8.6, 8.9, 9.0, 38.0], 3_000_000),
    ]);
    assert!(
        sentence
            .contains("faster with more memory in most runs, but not beyond noise: mimalloc, 0.4"),
        "{sentence}"
    );
}

#[test]
fn speed_that_costs_as_much_memory_is_an_alternative_and_no_pick() {
    let sentence = sentence(vec![
        timed("libc", 10.0, 1_000_000),
        timed("jemalloc", 5.0, 3_000_000),
        timed("mmap-global", 13.0, 800_000),
    ]);
    assert!(sentence.contains("keep libc"), "{sentence}");
    assert!(
        sentence.contains("faster with more memory: jemalloc, 0.50 (0.49–0.52) at 3.00"),
        "{sentence}"
    );
    assert!(
        sentence.contains("slower with less memory: mmap-global, 1.30 (1.26–1.34) at 0.80"),
        "{sentence}"
    );
}

#[test]
fn a_fixed_heap_is_measured_in_peaks_of_live_bytes() {
    let heaps = |times: &[(&str, f64, usize)]| {
        let mut rows = vec![timed("libc", 10.0, 1_000_000)];
        rows.extend(
            times
                .iter()
                .map(|(name, ns, bytes)| timed(name, *ns, *bytes)),
        );
        sentence(rows)
    };
    let clear = heaps(&[
        ("coalescing", 5.0, 550),
        ("talc", 6.0, 560),
        ("freelist", 3.0, 5_000),
        ("linked_list", 50.0, 400),
    ]);
    assert_eq!(
        clear,
        "For a fixed heap: coalescing, 0.50 (0.49–0.52) of libc's time in a heap of 1.10 times the \
         peak of live bytes; faster with more memory: freelist, 0.30 (0.29–0.31) at 10.0; slower \
         with less memory: linked_list, 5.00 (4.85–5.15) at 0.80."
    );
    let close = heaps(&[
        ("coalescing", 5.0, 550),
        ("talc", 5.0, 551),
        ("rlsf", 5.0, 552),
    ]);
    assert!(
        close.contains("talc and rlsf are too close to tell"),
        "{close}"
    );
}

#[test]
fn without_libc_times_are_nanoseconds_and_the_sentence_says_so() {
    let heap = sentence(vec![timed("coalescing", 5.0, 550), timed("talc", 6.0, 560)]);
    assert_eq!(
        heap,
        "For a fixed heap: coalescing, 5.00 ns a call in a heap of 1.10 times the peak of live bytes."
    );
    let process = sentence(vec![timed("thread-cached", 5.0, 550)]);
    assert_eq!(
        process,
        "As this program's malloc: thread-cached, 5.00 ns a call, resident memory 1.10 times the \
         peak of live bytes; libc was not measured (--stage libc …); mimalloc, jemalloc and \
         snmalloc were not measured (--peers all)."
    );
}

#[test]
fn an_arena_says_what_it_costs_to_reuse_nothing() {
    let arena = |bytes| sentence(vec![timed("libc", 10.0, 900), timed("bump", 3.0, bytes)]);
    assert_eq!(
        arena(505),
        "For an arena: bump, 0.30 (0.29–0.31) of libc's time in 1.01 times the peak of live bytes."
    );
    assert!(
        arena(50_000).contains("an arena reuses nothing until all is freed, so it needs 100 times"),
        "{}",
        arena(50_000)
    );
}

#[test]
fn an_allocator_without_a_figure_is_left_out_by_name() {
    let mut slow = timed("worst-fit", 1.0, 500);
    slow.time = None;
    slow.remarks.notes = vec!["too slow: 10 of 1,000 operations".to_string()];
    let mut broken = timed("buddy", 1.0, 500);
    broken.remarks.broken = true;
    let rows = vec![timed("coalescing", 5.0, 550), slow.clone(), broken];
    assert_eq!(
        sentence(rows),
        "For a fixed heap: coalescing, 5.00 ns a call in a heap of 1.10 times the peak of live \
         bytes; worst-fit and buddy did not complete all of it."
    );
    assert_eq!(
        sentence(vec![slow]),
        "For a fixed heap: no allocator completed the work; --time-limit gives them more time."
    );
}

#[test]
fn several_workloads_are_one_sentence_over_what_all_completed() {
    let two = |name: &str, factor: f64| {
        let rows = vec![
            timed("libc", 10.0, 1_000_000),
            timed("thread-cached", 10.0 * factor, 1_000_000),
            timed("jemalloc", 9.0, 1_000_000),
        ];
        long(name, rows)
    };
    let advice = of(&[two("a", 0.5), two("b", 0.7)]);
    let sentence = &advice[0].sentence;
    assert!(
        sentence.starts_with(
            "As a program's malloc, over 2 workloads: thread-cached, 0.59 (0.58–0.60) of libc's time"
        ),
        "{sentence}"
    );
    let mut second = two("b", 0.7);
    second.rows[0].time = None;
    let advice = of(&[two("a", 0.5), second]);
    let sentence = &advice[0].sentence;
    assert!(
        sentence.contains("over 1 of 2 workloads: thread-cached, 0.50"),
        "{sentence}"
    );
}

#[test]
fn a_threaded_trace_is_by_the_clock_on_the_wall() {
    let mut threaded = long(
        "mine",
        vec![
            timed("libc", 10.0, 1_000_000),
            timed("coalescing", 30.0, 600),
            timed("thread-cached", 5.0, 900_000),
        ],
    );
    threaded.facts.is_threaded = true;
    let sentences: Vec<String> = of(&[threaded])
        .into_iter()
        .map(|one| one.sentence)
        .collect();
    assert!(
        sentences[0].contains("of libc's wall-clock time at 0.90"),
        "{sentences:?}"
    );
    assert!(
        sentences[1].starts_with("For a fixed heap behind a lock: coalescing"),
        "{sentences:?}"
    );
}

#[test]
fn few_calls_and_few_repetitions_are_doubts() {
    let rows = || vec![timed("libc", 10.0, 1000), timed("jemalloc", 5.0, 1000)];
    let short = &of(&[workload("mine", rows())])[0].sentence;
    assert!(short.contains("only 1,000 calls"), "{short}");
    let twice = sentence(vec![
        row("libc", &[10.0, 10.0], 1_000_000),
        row("jemalloc", &[8.0, 8.0], 1_000_000),
    ]);
    assert!(
        twice.contains("keep libc") && twice.contains("--reps 5"),
        "{twice}"
    );
}

#[test]
fn rows_of_parts_compare_by_the_libc_beside_them() {
    let on = |ns: f64, name: &str, times: f64| Row {
        baseline_ns: Some(ns),
        ..timed(name, times, 1_000_000)
    };
    // The second part ran on a machine of half the speed.
    let rows = vec![
        on(10.0, "libc", 10.0),
        on(10.0, "thread-cached", 8.0),
        on(20.0, "jemalloc", 12.0),
    ];
    let sentence = sentence(rows);
    assert!(sentence.contains("malloc: jemalloc, 0.60 ("), "{sentence}");
}

#[test]
fn an_upper_bound_of_a_footprint_says_so_and_beats_nothing_by_it() {
    let mut bound = timed("coalescing", 5.0, 900);
    bound.footprint.is_upper_bound = true;
    let sentence = sentence(vec![bound, timed("talc", 5.0, 600)]);
    assert!(
        sentence.contains("talc, 5.00 ns a call in a heap of 1.20 times"),
        "{sentence}"
    );
    assert!(
        sentence.contains("coalescing is too close to tell"),
        "{sentence}"
    );
}
