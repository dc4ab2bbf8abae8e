//! What is measured beside time and footprint, as it comes out of the command.

use std::io::Read;
use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bench_harness::report::{Detail, HeapLog, Kind, Row};

/// Operations of each replay.
const N_OPS: u64 = 3000;

/// The details of `allocators` on these of random-actions.
fn details<const N: usize>(options: &[&str], allocators: [&str; N]) -> [Detail; N] {
    let options = [options, &["--workload", "random-actions"]].concat();
    details_on(&options, allocators)
}

/// The details of `allocators` on what `options` say.
fn details_on<const N: usize>(options: &[&str], allocators: [&str; N]) -> [Detail; N] {
    rows_on(options, allocators).map(|row| row.remarks.detail)
}

/// The rows of `allocators` on what `options` say.
fn rows_on<const N: usize>(options: &[&str], allocators: [&str; N]) -> [Row; N] {
    let common = format!("bench --json - --ops {N_OPS} --reps 1 --time-limit 20 --stage");
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    let output = command
        .args(common.split(' '))
        .args(allocators)
        .args(options)
        .output()
        .expect("the harness starts");
    let report = crate::support::report(&output);
    allocators.map(|name| {
        let mut rows = report.workloads[0].rows.iter();
        let row = rows.find(|row| row.allocator == name).expect("a row each");
        assert!(!row.remarks.broken, "{row:?}");
        row.clone()
    })
}

#[test]
fn nothing_is_measured_unasked() {
    let [detail] = details(&[], ["coalescing"]);
    assert_eq!(detail, Detail::default());
}

#[test]
fn latencies_are_of_every_call_and_in_order() {
    for detail in details(&["--latency"], ["coalescing", "mmap-backed", "libc"]) {
        let of_all = |kind| {
            let mut rows = detail.latency.iter();
            rows.find(|row| row.kind == kind && row.size_up_to.is_none())
        };
        let all = [Kind::Allocate, Kind::Resize, Kind::Free].map(of_all);
        let n: u64 = all.iter().flatten().map(|row| row.n).sum();
        assert_eq!(n, N_OPS);
        let by_class = detail.latency.iter().filter(|row| row.size_up_to.is_some());
        assert_eq!(by_class.map(|row| row.n).sum::<u64>(), N_OPS);
        for row in &detail.latency {
            let steps = [row.p50, row.p90, row.p99, row.p99_9, row.p99_99, row.max];
            assert!(steps.is_sorted(), "{row:?}");
            assert!(row.max > 0.0 || row.size_up_to.is_some(), "{row:?}");
        }
        assert!(detail.clock_grain.is_some_and(|grain| grain > 0.0));
    }
}

#[test]
fn memory_over_time_adds_up() {
    for detail in details(&["--memory"], ["coalescing", "best-fit", "freelist"]) {
        let memory = detail.memory.expect("it was asked");
        assert!((100..=102).contains(&memory.moments.len()));
        assert!(memory.moments.iter().map(|moment| moment.op).is_sorted());
        assert!(
            memory
                .moments
                .iter()
                .map(|moment| moment.footprint)
                .is_sorted()
        );
        for moment in &memory.moments {
            let waste = moment.waste.expect("stages are walked");
            let used = waste.header + waste.padding + waste.rounding + waste.slack;
            assert!(moment.live + used <= moment.footprint + 4096, "{moment:?}");
        }
        assert!(memory.f1 >= 1.0 && memory.f2 >= 1.0 && memory.f3 >= memory.f4);
        assert!(memory.f4 >= 1.0, "{memory:?}");
    }
}

#[test]
fn a_heap_that_outlives_a_replay_is_walked_as_any_other() {
    let [detail] = details(&["--memory"], ["thread-cached"]);
    let moments = detail.memory.expect("it was asked").moments;
    for moment in &moments {
        let external = moment.external.expect("it is walked");
        assert!((0.0..1.0).contains(&external), "{moment:?}");
        assert_eq!(moment.waste, None, "no heap of it is fresh");
    }
}

#[test]
fn slack_is_what_a_list_of_whole_blocks_loses() {
    let [whole, split] = details(&["--memory"], ["freelist", "coalescing"]).map(|detail| {
        let moments = detail.memory.expect("it was asked").moments;
        let last = moments.last().expect("there are moments");
        last.waste.expect("stages are walked")
    });
    assert!(whole.slack > whole.rounding, "{whole:?}");
    assert!(split.slack < whole.slack / 4, "{split:?}");
}

#[test]
fn memory_from_the_system_is_resident_memory() {
    for detail in details(&["--memory"], ["mmap-backed", "libc"]) {
        let moments = detail.memory.expect("it was asked").moments;
        let full = moments.iter().max_by_key(|moment| moment.live);
        let full = full.expect("there are moments");
        // libc's heap may have had some room before.
        assert!(
            full.resident.unwrap() + (256 << 10) >= full.live,
            "{full:?}"
        );
    }
}

/// thread-cached reserves 16 GiB and touches a few MiB of them.
#[test]
fn reserved_address_space_is_no_memory() {
    let options = ["--memory", "--workload", "random-actions"];
    for row in rows_on(&options, ["thread-cached", "mmap-backed", "libc"]) {
        let most = 256 << 20;
        assert!(row.footprint.bytes.expect("it is found") < most, "{row:?}");
        for moment in &row
            .remarks
            .detail
            .memory
            .as_ref()
            .expect("it was asked")
            .moments
        {
            assert_eq!(Some(moment.footprint), moment.resident, "{moment:?}");
            assert!(moment.footprint < most, "{moment:?}");
        }
        let notes = row.remarks.notes.join("; ");
        assert!(!notes.contains("maps") && !notes.contains("GiB"), "{notes}");
    }
}

/// A number of a log.
fn number(log: &mut impl Iterator<Item = u8>) -> Option<usize> {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = log.next()?;
        value |= usize::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    Some(value)
}

/// Plays the log of a heap back: no two blocks are ever in the same place. Returns how many operations
/// it has.
fn play_back(layout: &HeapLog) -> usize {
    let log = STANDARD.decode(&layout.log).unwrap();
    let mut bytes = Vec::new();
    let mut inflate = flate2::read::DeflateDecoder::new(&log[..]);
    inflate.read_to_end(&mut bytes).unwrap();
    let mut bytes = bytes.into_iter();
    let mut live = std::collections::BTreeMap::new();
    let mut n_ops = 0;
    while let Some(first) = number(&mut bytes) {
        n_ops += 1;
        let slot = first >> 1;
        if first & 1 == 1 {
            assert!(live.remove(&slot).is_some(), "slot {slot} was empty");
            continue;
        }
        let start = number(&mut bytes).unwrap();
        let end = start + number(&mut bytes).unwrap();
        live.insert(slot, (start, end));
        let others = live.iter().filter(|(other, _)| **other != slot);
        let overlap = others.filter(|(_, (low, high))| *low < end && start < *high);
        assert_eq!(overlap.count(), 0, "operation {n_ops}");
        assert!(end <= layout.heap);
    }
    n_ops
}

#[test]
fn a_log_can_be_played_back_without_overlaps() {
    let stages = ["coalescing", "mmap-backed", "thread-cached"];
    for stage in details(&["--layout"], stages) {
        let layout = stage.layout.expect("it was asked");
        assert_eq!(layout.n_ops, 3000);
        assert_eq!(play_back(&layout), 3000);
    }
}

#[test]
fn every_allocator_has_a_map_and_only_stages_a_log() {
    let all = ["coalescing", "mmap-backed", "thread-cached", "talc", "libc"];
    let maps = details(&["--layout"], all).map(|detail| detail.layout.expect("it was asked"));
    for map in &maps {
        let heat = STANDARD.decode(&map.heat).unwrap();
        assert_eq!(heat.len(), map.rows * map.columns);
        assert!(heat.iter().any(|shade| *shade > 200), "nothing is in use?");
        assert_eq!(map.ranges[0], 0);
        assert!(map.ranges.is_sorted());
    }
    assert_eq!(maps[0].ranges, [0], "a heap in one piece");
    for peer in &maps[3..] {
        assert!(peer.log.is_empty() && peer.n_ops == 0);
    }
}

#[test]
fn memory_that_lies_far_apart_is_shown_side_by_side() {
    let trace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("apart.rep");
    // libc maps large blocks, far from where it has the small ones.
    let blocks: String = (0..20)
        .map(|id| format!("a {id} {}\n", if id % 2 == 0 { 100 } else { 3_000_000 }))
        .collect();
    std::fs::write(&trace, format!("4000000\n20\n20\n1\n{blocks}")).unwrap();
    let options = ["--layout", "--trace", trace.to_str().unwrap()];
    let layouts = details_on(&options, ["mmap-backed", "thread-cached", "libc"]);
    for layout in layouts.map(|detail| detail.layout.expect("it was asked")) {
        assert!((30_000_000..64 << 20).contains(&layout.heap), "{layout:?}");
    }
    let [libc] = details_on(&options, ["libc"]).map(|detail| detail.layout.unwrap());
    assert!(libc.ranges.len() > 1, "{:?}", libc.ranges);
}

#[test]
fn probes_splits_and_merges_are_those_of_the_stage() {
    let [bump, freelist, best, coalescing] = details(
        &["--counts"],
        ["bump", "freelist", "best-fit", "coalescing-strict"],
    )
    .map(|detail| detail.counts.expect("it was asked"));
    assert!(best.probes.unwrap() > 1.0, "it looks at every free block");
    assert_eq!(coalescing.probes, None, "nobody counts them");
    assert!(coalescing.merges.unwrap() > 0.1 && coalescing.splits.unwrap() > 0.1);
    assert!(freelist.merges < coalescing.merges, "it keeps blocks whole");
    assert!(bump.splits < coalescing.splits, "it has one free block");
}

#[test]
fn only_memory_from_the_system_takes_system_calls() {
    let [fixed, system, cached] = details(
        &["--counts"],
        ["coalescing", "mmap-backed", "thread-cached"],
    )
    .map(|detail| detail.counts.expect("it was asked").system_calls);
    // Where tracing is not allowed there is no count.
    assert_eq!(fixed.is_some(), system.is_some());
    // The replay looks at the clock now and then: on some machines that is a call, too.
    let fixed = fixed.unwrap_or(0);
    assert!(fixed <= N_OPS / 256, "{fixed}");
    assert!(system.unwrap_or(fixed + 1) > fixed && cached.unwrap_or(fixed + 1) > fixed);
}

#[test]
fn what_is_drained_is_given_back_or_kept() {
    let trace = Path::new(env!("CARGO_TARGET_TMPDIR")).join("full.rep");
    let blocks: String = (0..200).map(|id| format!("a {id} 20000\n")).collect();
    std::fs::write(&trace, format!("4000000\n200\n200\n1\n{blocks}")).unwrap();
    let trace = trace.to_str().unwrap();
    let options = ["--drain", "--trace", trace];
    let [stage, fixed] = details_on(&options, ["mmap-backed", "coalescing"]);
    let drain = stage.drain.expect("it was asked");
    assert!(drain.before >= 4_000_000, "{drain:?}");
    assert!(drain.after_1s < drain.before / 4, "{drain:?}");
    assert_eq!(drain.after_5s, None, "nobody waited");
    assert_eq!(fixed.drain, None, "it has nothing to give back");
}
