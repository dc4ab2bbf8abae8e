//! Workloads made of a user's own sizes.

use std::collections::HashMap;

use bench_harness::trace::{Op, compact};
use bench_harness::workloads::Profile;

/// Figures of nobody's program: two popular sizes, a rare large one.
const EXAMPLE: &str = "\
# A small service, sampled for an hour.
size,alloc_rate,num_live
24, 4000.5, 1200
64, 2000, 3000

16384, 10, 25
";

fn parse(text: &str) -> Result<Profile, String> {
    text.parse::<Profile>().map_err(|error| error.to_string())
}

#[test]
fn calls_follow_the_rates_and_live_blocks_their_numbers() {
    let trace = parse(EXAMPLE).unwrap().generate("example", 1, 200_000);
    assert_eq!(trace.ops.len(), 200_000);
    let mut sizes = vec![0; trace.n_slots];
    let mut live: HashMap<usize, i64> = HashMap::new();
    let mut calls: HashMap<usize, i64> = HashMap::new();
    for (index, op) in trace.ops.iter().enumerate() {
        let (size, change) = match *op {
            Op::Allocate { slot, size, .. } => {
                sizes[slot as usize] = size;
                (size, 1)
            }
            Op::Free { slot } => (sizes[slot as usize], -1),
            Op::Resize { .. } => panic!("a profile knows no resizes"),
        };
        *live.entry(size).or_default() += change;
        *calls.entry(size).or_default() += i64::from(index >= 50_000);
    }
    let near = |found: i64, wanted: f64| (found as f64 / wanted - 1.0).abs() < 0.15;
    assert!(near(calls[&24], 2.0 * calls[&64] as f64), "{calls:?}");
    assert!(near(calls[&64], 200.0 * calls[&16384] as f64), "{calls:?}");
    assert!(
        near(live[&24], 1200.0) && near(live[&64], 3000.0),
        "{live:?}"
    );
    assert!((10..50).contains(&live[&16384]), "{live:?}");
    let bytes = compact::write(&trace).unwrap();
    assert_eq!(compact::read(&bytes, "example").unwrap().ops, trace.ops);
}

#[test]
fn a_profile_larger_than_the_trace_is_scaled_down() {
    let profile = parse("100,5,1e9\n200,5,1e9\n1000000,0.001,50").unwrap();
    let trace = profile.generate("large", 1, 10_000);
    let is_allocate = |op: &&Op| matches!(op, Op::Allocate { .. });
    assert_eq!(
        trace.ops.iter().take(2500).filter(is_allocate).count(),
        2500
    );
    assert!(trace.n_slots < 3500, "{}", trace.n_slots);
}

#[test]
fn a_seed_gives_one_trace() {
    let profile = parse(EXAMPLE).unwrap();
    let [one, again, other] = [1, 1, 2].map(|seed| profile.generate("x", seed, 5000).ops);
    assert_eq!(one, again);
    assert_ne!(one, other);
}

#[test]
fn bad_lines_are_named() {
    let cases = [
        ("8,1", "line 1: 2 columns instead of 3"),
        ("8,1,1\nx,1,1", "line 2: `x` is no size in bytes"),
        ("8,-1,1", "`-1` is no alloc_rate"),
        ("8,1,nan", "`nan` is no num_live"),
        ("8,1,1\n8,2,2", "line 2: size 8 stands in line 1, too"),
        ("99999999999,1,1", "is above"),
        ("", "no size whose alloc_rate is above 0"),
        ("8,0,5", "no size whose alloc_rate is above 0"),
    ];
    for (text, part) in cases {
        let error = parse(text).unwrap_err();
        assert!(error.contains(part), "{text:?}: {error}");
    }
    let error = Profile::load("no/such.csv".as_ref())
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot be read"), "{error}");
}
