//! The generated workloads: the same everywhere, and shaped as they say.

use bench_harness::trace::{Op, Trace, compact};
use bench_harness::workloads::{THREADED, VERSION, WORKLOADS, live};

fn fingerprint(trace: &Trace) -> u32 {
    trace.fingerprint().unwrap()
}

/// If this fails, the calls of a seed have changed: raise `VERSION` and pin the new fingerprints.
#[test]
fn the_calls_of_a_seed_are_pinned() {
    assert_eq!(VERSION, 1);
    let pinned = [
        ("churn", 0xdffd_f4aa),
        ("ramp", 0x65c9_6a4a),
        ("random-actions", 0x46bf_85e7),
        ("realloc-grow", 0x5fb8_b29c),
        ("checkerboard", 0x6e26_cd15),
        ("churn-100", 0xb7ce_9d48),
        ("churn-1000", 0x1983_fbd9),
        ("churn-100000", 0x95ef_0a9f),
        ("random-actions-200", 0x2e5e_1c6a),
        ("random-actions-10000", 0xc782_832c),
        ("growth", 0x7ebf_3e86),
        ("peak", 0x3f32_f4fb),
        ("plateau", 0xf355_484e),
        ("ramp-then-drain", 0xffe2_c7ee),
        ("coalescing", 0xe78d_8fc0),
        ("binary", 0x918d_dd28),
        ("lifo", 0x0a0e_1bc6),
        ("fifo", 0xb0ce_3564),
        ("reverse", 0xe69f_3968),
        ("inverse-square", 0x3ca9_7f5a),
        ("zipf-exponential", 0x60f5_6557),
        ("zipf-bimodal", 0xdc00_a067),
        ("pareto", 0xe1bf_69a0),
        ("small-large", 0x1dad_0cfa),
        ("rare-large", 0x7237_0b02),
        ("slivers", 0x8d86_701f),
        ("threshold-ping-pong", 0x655e_5560),
        ("boundary-ping-pong", 0xbbc2_75ea),
        ("churn-1000000", 0x95ef_0a9f),
        ("high-alignment", 0x7140_a398),
    ];
    let found = WORKLOADS.iter().map(|workload| {
        let trace = (workload.generate)(1, 100_000);
        (workload.name, fingerprint(&trace))
    });
    assert_eq!(found.collect::<Vec<_>>(), pinned);
    assert_eq!(fingerprint(&live(1, 1000, 10_000)), 0x64b2_44b6);
    let threaded = THREADED.iter().map(|workload| {
        let trace = (workload.generate)(1, 100_000, 4);
        (workload.name, fingerprint(&trace))
    });
    let pinned = [
        ("larson", 0x863d_f0d8),
        ("producer-consumer", 0x778c_33cc),
        ("asymmetric-frees", 0xc047_71d0),
        ("thread-churn", 0x43d1_a26a),
    ];
    assert_eq!(threaded.collect::<Vec<_>>(), pinned);
}

#[test]
fn every_workload_is_valid_at_any_length() {
    for workload in WORKLOADS {
        for n_ops in [0, 1, 2, 999, 50_000] {
            let trace = (workload.generate)(42, n_ops);
            assert_eq!(trace.ops.len(), n_ops, "{}", workload.name);
            let bytes = compact::write(&trace).unwrap();
            assert_eq!(compact::read(&bytes, &trace.name).unwrap().ops, trace.ops);
        }
    }
}

#[test]
fn seeds_give_different_calls() {
    for workload in WORKLOADS {
        let [one, two] = [1, 2].map(|seed| fingerprint(&(workload.generate)(seed, 100_000)));
        assert_ne!(one, two, "{}", workload.name);
    }
}

#[test]
fn live_stays_at_its_number_of_blocks() {
    for n_live in [1, 100, 10_000] {
        let trace = live(3, n_live, 500);
        assert_eq!(trace.ops.len(), n_live + 1000);
        assert_eq!(trace.n_slots, n_live);
        let is_allocate = |op: &Op| matches!(op, Op::Allocate { .. });
        assert!(trace.ops[..n_live].iter().all(is_allocate));
    }
}

#[test]
fn sizes_follow_their_law() {
    let trace = live(5, 100_000, 0);
    let share = |from: usize, to: usize| {
        let within =
            |op: &&Op| matches!(op, Op::Allocate { size, .. } if (from..to).contains(size));
        trace.ops.iter().filter(within).count() as f64 / trace.ops.len() as f64
    };
    let doublings = [(16, 32), (32, 64), (64, 128), (128, 256)].map(|(from, to)| share(from, to));
    for pair in doublings.windows(2) {
        assert!((pair[0] / pair[1] - 2.0).abs() < 0.1, "{doublings:?}");
    }
    assert_eq!(share(16, 1025), 1.0);
}
