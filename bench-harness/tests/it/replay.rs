//! The replays: same work for all, and nothing broken goes unnoticed.

use std::time::Duration;

use bench_harness::allocators::{self, Memory, Role};
use bench_harness::memory::Room;
use bench_harness::script::Script;
use bench_harness::trace::{BlockError, Builder, Trace};
use bench_harness::workloads::WORKLOADS;

const LIMIT: Duration = Duration::from_secs(60);

fn scripts() -> impl Iterator<Item = Script> {
    let traces = WORKLOADS
        .iter()
        .map(|workload| (workload.generate)(7, 1_500));
    traces.map(|trace| Script::new(&trace, None).expect("a generated trace is replayable"))
}

#[test]
fn all_allocators_read_back_the_same_bytes() {
    for script in scripts() {
        let mut room = Room::new(0);
        for entry in allocators::all()
            .iter()
            .filter(|entry| entry.role != Role::Hidden)
        {
            room.resize(entry.room_len(&script));
            let outcome = entry.subject.time(&mut room, &script, 1, LIMIT).outcome;
            assert_eq!(outcome.stop, None, "{} on {}", entry.name, script.name);
            assert_eq!(
                outcome.ops_done,
                script.steps.len(),
                "{} on {}",
                entry.name,
                script.name
            );
            assert_eq!(
                outcome.checksum, script.checksum,
                "{} on {}",
                entry.name, script.name
            );
        }
    }
}

#[test]
fn all_allocators_pass_the_verifying_replay() {
    for script in scripts() {
        let mut room = Room::new(0);
        for entry in allocators::all()
            .iter()
            .filter(|entry| entry.role != Role::Hidden)
        {
            room.resize(entry.room_len(&script));
            let outcome = entry.subject.verify(&mut room, &script, LIMIT);
            let outcome =
                outcome.unwrap_or_else(|e| panic!("{} on {}: {e}", entry.name, script.name));
            assert_eq!(outcome.stop, None, "{} on {}", entry.name, script.name);
            assert_eq!(
                outcome.checksum, script.checksum,
                "{} on {}",
                entry.name, script.name
            );
        }
    }
}

/// Blocks as a Rust program asks for them: every call names an alignment, which may be 1 or a cache line.
fn layouts() -> Result<Trace, BlockError> {
    let mut program = Builder::new();
    let text = program.allocate_with(8, 1, false)?;
    for n in 1..100 {
        program.resize(text, n * 40)?;
        program.allocate_with(64, 64, false)?;
        let even = program.allocate_with(4042, 2, false)?;
        program.allocate_with(5000, 1, true)?;
        program.free(even)?;
    }
    Ok(program.finish("layouts"))
}

#[test]
fn every_stage_replays_a_rust_programs_layouts() {
    let script = Script::new(&layouts().unwrap(), None).unwrap();
    let all = allocators::all();
    for entry in all.iter().filter(|entry| entry.role == Role::Stage) {
        let mut room = Room::new(entry.room_len(&script));
        let outcome = entry.subject.verify(&mut room, &script, LIMIT).unwrap();
        assert_eq!(outcome.checksum, script.checksum, "{}", entry.name);
    }
}

#[test]
fn an_overlap_is_caught_by_both_replays() {
    let script = scripts().find(|script| script.checksum > 0);
    let script = script.expect("a workload frees blocks");
    let overlapping = allocators::find("test-overlap").expect("it is in the table");
    let mut room = Room::new(overlapping.room_len(&script));
    let violation = overlapping
        .subject
        .verify(&mut room, &script, LIMIT)
        .unwrap_err();
    assert!(violation.what.contains("overlaps"), "{violation}");
    let outcome = overlapping
        .subject
        .time(&mut room, &script, 1, LIMIT)
        .outcome;
    assert_ne!(outcome.checksum, script.checksum);
}

#[test]
fn a_replay_that_runs_out_of_memory_says_where() {
    let script = scripts().next().expect("there are workloads");
    for entry in allocators::all()
        .iter()
        .filter(|entry| entry.memory == Memory::Fixed)
    {
        if entry.role == Role::Hidden {
            continue;
        }
        let mut room = Room::new(script.peak_live / 2);
        let outcome = entry.subject.time(&mut room, &script, 1, LIMIT).outcome;
        assert!(outcome.stop.is_some(), "{}", entry.name);
        assert!(outcome.ops_done < script.steps.len(), "{}", entry.name);
    }
}

#[test]
fn the_controls_play_every_step_of_every_pass() {
    let script = scripts().next().expect("there are workloads");
    for name in [allocators::EMPTY, allocators::NULL, allocators::TAGS] {
        let control = allocators::find(name).expect("it is in the table");
        let mut room = Room::new(control.room_len(&script));
        let timed = control.subject.time(&mut room, &script, 3, LIMIT);
        assert_eq!(timed.passes, 3, "{name}");
        assert_eq!(timed.outcome.ops_done, script.steps.len(), "{name}");
        assert!(timed.outcome.nanos > 0, "{name}");
    }
}

#[test]
fn an_empty_trace_is_refused() {
    let mut trace = (WORKLOADS[0].generate)(1, 10);
    trace.ops.clear();
    let error = Script::new(&trace, None).unwrap_err();
    assert!(error.to_string().contains("no operations"), "{error}");
}
