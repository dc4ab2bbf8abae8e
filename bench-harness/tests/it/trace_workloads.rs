//! The generated workloads: the same everywhere, and shaped as they say.

use bench_harness::select::shipped_traces;
use bench_harness::trace::{Columns, Op, Trace, compact};
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

/// Bytes a call before compression: the content of the calls' records.
fn bytes_per_call(trace: &Trace) -> f64 {
    let bytes = compact::write(trace).unwrap();
    let mut full_len = 0;
    for at in records(&bytes, b"CALL") {
        let number = |from: usize| u32::from_le_bytes(bytes[from..from + 4].try_into().unwrap());
        full_len += number(at + 12) as usize;
    }
    full_len as f64 / trace.ops.len() as f64
}

/// Where the records with that tag begin, from one to the next.
fn records(bytes: &[u8], tag: &[u8]) -> Vec<usize> {
    let provenance = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    let mut at = 20 + provenance;
    let mut found = Vec::new();
    while bytes[at..].starts_with(tag) {
        found.push(at);
        let packed = u32::from_le_bytes(bytes[at + 8..at + 12].try_into().unwrap());
        at += 36 + packed as usize;
    }
    found
}

/// Two threads take turns after one to eight calls, with the gaps of a busy program: most below
/// 128 ns, some of microseconds, few of milliseconds.
fn busy_columns(n_ops: usize) -> Columns {
    let mut random = 1_u64;
    let mut columns = Columns::default();
    let mut thread = 0;
    for _ in 0..n_ops {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        thread = if random >> 61 == 0 {
            1 - thread
        } else {
            thread
        };
        columns.threads.push(thread);
        columns.gaps.push(match random >> 32 & 63 {
            0 => random >> 40 & 0xf_ffff,
            1..16 => random >> 40 & 0x3fff,
            _ => random >> 40 & 127,
        });
    }
    columns
}

#[test]
fn a_call_takes_few_bytes_before_compression() {
    let shipped = shipped_traces().unwrap();
    let recorded = shipped.iter().map(|(_, path)| Trace::load(path).unwrap());
    let generated = WORKLOADS
        .iter()
        .map(|workload| (workload.generate)(1, 100_000));
    for trace in recorded.chain(generated) {
        let plain = bytes_per_call(&trace);
        let columns = busy_columns(trace.ops.len());
        let full = bytes_per_call(&Trace {
            columns,
            ..trace.clone()
        });
        println!("{}: {plain:.2} and {full:.2} bytes a call", trace.name);
        assert!(plain <= 2.5 || !is_small(&trace), "{}: {plain}", trace.name);
        assert!(full <= 5.0, "{}: {full}", trace.name);
    }
}

/// Whether most requests are below 4 KiB, as a program's are.
fn is_small(trace: &Trace) -> bool {
    trace.name != "realloc-grow"
}
