//! Workloads of several threads: generated as they say, replayed in the order that matters, and
//! watched by an oracle that catches an allocator which is not fit to be shared.

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::time::Duration;

use alloc_trace::record;
use bench_harness::allocators::{self, EMPTY};
use bench_harness::memory::Room;
use bench_harness::replay::Stop;
use bench_harness::report::{Report, Row};
use bench_harness::script::{Script, Step};
use bench_harness::threads::{Plan, find, play, verify};
use bench_harness::trace::{Builder, Op, Trace};
use bench_harness::workloads::{Recipe, THREADED};
use core_api::{AllocError, Allocator, Locked};
use mmap_backed::{FutexLock, MmapHeap};

const LIMIT: Duration = Duration::from_secs(60);

fn traces(n_ops: usize) -> impl Iterator<Item = Trace> {
    let make = move |n_threads| {
        THREADED
            .iter()
            .map(move |w| (w.generate)(1, n_ops, n_threads))
    };
    [1, 2, 5].into_iter().flat_map(make)
}

#[test]
fn every_workload_is_valid_and_uses_its_threads() {
    for trace in traces(20_000) {
        assert_eq!(trace.ops.len(), 20_000, "{}", trace.name);
        assert_eq!(trace.columns.threads.len(), 20_000, "{}", trace.name);
        let seen: BTreeSet<u16> = trace.columns.threads.iter().copied().collect();
        let n_threads = trace.provenance.threads;
        assert_eq!(seen.len() as u32, n_threads, "{}", trace.name);
        assert_eq!(
            seen.last().map(|last| u32::from(*last) + 1),
            Some(n_threads)
        );
        Script::new(&trace, None).unwrap();
    }
    for workload in THREADED {
        let [one, again, other] = [1, 1, 2].map(|seed| (workload.generate)(seed, 9000, 3));
        assert_eq!(one, again);
        assert_ne!(one.ops, other.ops);
        assert_eq!((workload.generate)(1, 0, 2).ops.len(), 0);
    }
}

/// Frees of blocks that another thread allocated.
fn cross_thread_frees(trace: &Trace) -> usize {
    let mut owners = vec![0; trace.n_slots];
    let mut n_crossing = 0;
    for (op, thread) in trace.ops.iter().zip(&trace.columns.threads) {
        match op {
            Op::Allocate { slot, .. } => owners[*slot as usize] = *thread,
            Op::Free { slot } => n_crossing += usize::from(owners[*slot as usize] != *thread),
            Op::Resize { .. } => {}
        }
    }
    n_crossing
}

#[test]
fn blocks_pass_from_thread_to_thread() {
    for workload in THREADED {
        let trace = (workload.generate)(1, 40_000, 4);
        let n_frees = trace
            .ops
            .iter()
            .filter(|op| matches!(op, Op::Free { .. }))
            .count();
        let n_crossing = cross_thread_frees(&trace);
        assert!(n_crossing > n_frees / 50, "{}: {n_crossing}", workload.name);
        if ["producer-consumer", "asymmetric-frees"].contains(&workload.name) {
            assert_eq!(n_crossing, n_frees, "{}", workload.name);
        }
    }
}

#[test]
fn a_recipe_makes_the_trace_again() {
    let recipe = Recipe {
        workload: "larson".to_string(),
        seed: 4,
        n_ops: 5000,
        n_threads: 3,
    };
    let workload = THREADED.iter().find(|w| w.name == "larson").unwrap();
    assert_eq!(recipe.trace().unwrap(), (workload.generate)(4, 5000, 3));
}

#[test]
fn a_plan_keeps_every_call_in_its_turn() {
    for trace in traces(5000) {
        let plan = Plan::new(&trace, None).unwrap();
        assert_eq!(plan.threads.iter().map(Vec::len).sum::<usize>(), 5000);
        // Played in the order of the record, each slot's turns come in order and in its states.
        let mut next = vec![0; plan.threads.len()];
        let mut slots = vec![(0, false); plan.n_slots];
        for thread in &trace.columns.threads {
            let thread = usize::from(*thread);
            let call = plan.threads[thread][next[thread]];
            next[thread] += 1;
            let (slot, fills, empties) = match call.step {
                Step::Allocate { slot, .. } => (slot, true, false),
                Step::Resize { slot, .. } => (slot, false, false),
                Step::Free { slot } => (slot, false, true),
            };
            let (turns, is_full) = &mut slots[slot as usize];
            assert_eq!((call.turn, *is_full), (*turns, !fills), "{}", trace.name);
            *turns += 1;
            *is_full = !empties;
        }
        let full = slots.iter().filter(|(_, is_full)| *is_full).count();
        assert_eq!(full, plan.survivors.len());
    }
}

#[test]
fn all_shared_allocators_pass_both_replays() {
    for trace in traces(3000) {
        let plan = Plan::new(&trace, None).unwrap();
        let script = Script::new(&trace, None).unwrap();
        let mut room = Room::new(0);
        for entry in allocators::all() {
            let Some(subject) = find(entry.name).filter(|_| entry.name != EMPTY) else {
                continue;
            };
            room.resize(entry.room_len(&script));
            let verified = subject.verify(&mut room, &plan, LIMIT);
            let verified = verified.unwrap_or_else(|e| panic!("{}: {e}", entry.name));
            let played = subject.time(&mut room, &plan, LIMIT).outcome;
            for outcome in [verified, played] {
                let context = format!("{} on {}", entry.name, trace.name);
                assert_eq!(outcome.stop, None, "{context}");
                assert_eq!(outcome.ops_done, 3000, "{context}");
                assert_eq!(outcome.checksum, plan.checksum, "{context}");
            }
        }
    }
}

#[test]
fn resizes_and_zeroed_blocks_pass_between_threads() {
    let mut program = Builder::new();
    let mut threads = Vec::new();
    for _ in 0..500 {
        let block = program.allocate_with(100, 8, true).unwrap();
        program.resize(block, 300).unwrap();
        program.resize(block, 50).unwrap();
        program.free(block).unwrap();
        threads.extend([0, 1, 2, 0]);
    }
    let mut trace = program.finish("handed-round");
    trace.columns.threads = threads;
    let plan = Plan::new(&trace, None).unwrap();
    assert_eq!(
        verify(&System, &plan, LIMIT).unwrap().checksum,
        plan.checksum
    );
    assert_eq!(play(&System, &plan, LIMIT).outcome.checksum, plan.checksum);
}

#[test]
fn a_column_that_is_too_short_is_refused() {
    let mut trace = (THREADED[0].generate)(1, 1000, 2);
    trace.columns.threads.truncate(999);
    let error = Plan::new(&trace, None).unwrap_err();
    assert!(
        error.to_string().contains("not every call has a thread"),
        "{error}"
    );
}

/// Every hundredth block is handed out again although it is live.
struct Twice {
    n_calls: AtomicUsize,
    last: AtomicPtr<u8>,
}

// SAFETY: none: it breaks the promise that blocks are disjoint, which is what it is for. Blocks are
// never given back, and large enough for every request of the workloads.
unsafe impl GlobalAlloc for Twice {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let n = self.n_calls.fetch_add(1, Ordering::Relaxed);
        if n % 100 == 99 {
            return self.last.load(Ordering::Relaxed);
        }
        let largest = Layout::from_size_align(4096, layout.align()).unwrap();
        // SAFETY: the size is not 0.
        let block = unsafe { System.alloc(largest) };
        self.last.store(block, Ordering::Relaxed);
        block
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}
}

#[test]
fn a_block_handed_to_two_threads_is_caught() {
    for workload in THREADED {
        let plan = Plan::new(&(workload.generate)(1, 20_000, 4), None).unwrap();
        let broken = Twice {
            n_calls: AtomicUsize::new(0),
            last: AtomicPtr::new(std::ptr::null_mut()),
        };
        let violation = verify(&broken, &plan, LIMIT).unwrap_err();
        assert!(
            violation.what.contains("overlaps live block"),
            "{violation}"
        );
        assert!(violation.what.starts_with("thread "), "{violation}");
    }
}

/// Overwrites a byte of the block handed out last whenever another is freed.
struct Scribbling {
    last: AtomicPtr<u8>,
}

// SAFETY: none: it writes to blocks that are its callers', which is what it is for. No
// block is ever given back.
unsafe impl GlobalAlloc for Scribbling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the size is not 0.
        let block = unsafe { System.alloc(layout) };
        self.last.store(block, Ordering::Relaxed);
        block
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {
        let last = self.last.load(Ordering::Relaxed);
        // SAFETY: a block of at least one byte that was never given back.
        unsafe { last.write(!last.read()) };
    }
}

#[test]
fn a_block_that_is_overwritten_is_caught_by_the_thread_that_frees_it() {
    let plan = Plan::new(&(THREADED[1].generate)(1, 20_000, 2), None).unwrap();
    let broken = Scribbling {
        last: AtomicPtr::new(std::ptr::null_mut()),
    };
    let violation = verify(&broken, &plan, LIMIT).unwrap_err();
    assert!(violation.what.contains("was overwritten"), "{violation}");
}

/// Refuses every request after so many.
struct Short(AtomicUsize);

// SAFETY: blocks are those of the system.
unsafe impl GlobalAlloc for Short {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.0.fetch_add(1, Ordering::Relaxed) {
            // SAFETY: the size is not 0.
            0..3000 => unsafe { System.alloc(layout) },
            _ => std::ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: a block of the system with its layout.
        unsafe { System.dealloc(block, layout) }
    }
}

#[test]
fn a_refusal_ends_the_replay_on_all_threads() {
    let plan = Plan::new(&(THREADED[1].generate)(1, 20_000, 4), None).unwrap();
    let played = play(&Short(AtomicUsize::new(0)), &plan, LIMIT).outcome;
    let verified = verify(&Short(AtomicUsize::new(0)), &plan, LIMIT).unwrap();
    for outcome in [played, verified] {
        assert_eq!(outcome.stop, Some(Stop::OutOfMemory));
        assert!((3000..20_000).contains(&outcome.ops_done), "{outcome:?}");
    }
}

fn row<'a>(report: &'a Report, allocator: &str) -> &'a Row {
    let mut rows = report.workloads[0].rows.iter();
    rows.find(|row| row.allocator == allocator).unwrap()
}

#[test]
fn the_bench_times_what_can_be_shared_and_says_what_cannot() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    let options = [
        "bench",
        "--json",
        "-",
        "--ops",
        "20000",
        "--reps",
        "2",
        "--threads",
        "3",
    ];
    let names = ["coalescing", "mmap-backed", "libc", "buddy", "blink"];
    command
        .args(options)
        .args(["--workload", "producer-consumer", "larson", "--stage"]);
    let output = command.args(names).output().unwrap();
    let report = crate::support::report(&output);
    assert_eq!(report.workloads.len(), 2);
    assert!(report.workloads[0].facts.about.contains("3 threads"));
    for name in ["coalescing", "mmap-backed", "libc", "buddy"] {
        let row = row(&report, name);
        assert_eq!(row.time.map(|time| time.n_runs), Some(2), "{row:?}");
        assert!(
            row.footprint.bytes.is_some() && !row.remarks.broken,
            "{row:?}"
        );
        assert!(
            row.remarks
                .notes
                .iter()
                .any(|note| note.contains("CPU time")),
            "{row:?}"
        );
    }
    let blink = row(&report, "blink");
    assert_eq!(blink.remarks.notes, ["single-threaded: not run"]);
    assert!(blink.time.is_none() && !blink.remarks.broken);
    assert!(output.status.success());
}

/// The most callers that were inside at one time.
#[derive(Default)]
struct Crowd {
    inside: AtomicUsize,
    most: AtomicUsize,
}

impl Crowd {
    fn through<T>(&self, call: impl FnOnce() -> T) -> T {
        let inside = self.inside.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(inside, Ordering::Relaxed);
        let done = call();
        self.inside.fetch_sub(1, Ordering::Relaxed);
        done
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

/// The stage that the workloads expose, with a count of callers before and behind its lock.
struct Queue<'a> {
    before: &'a Crowd,
    heap: Locked<Behind<'a>, FutexLock>,
}

struct Behind<'a> {
    crowd: &'a Crowd,
    heap: MmapHeap,
}

// SAFETY: every call is the heap's own.
unsafe impl Allocator for Behind<'_> {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.crowd.through(|| self.heap.allocate(layout))
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        self.crowd
            .through(|| unsafe { self.heap.deallocate(block, layout) });
    }
}

// SAFETY: every call is the heap's own.
unsafe impl GlobalAlloc for Queue<'_> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is passed on.
        self.before.through(|| unsafe { self.heap.alloc(layout) })
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        self.before
            .through(|| unsafe { self.heap.dealloc(block, layout) });
    }
}

/// What the workloads expose in a stage with one lock: threads come to it at the same time, and
/// it serves one at a time.
#[test]
fn threads_queue_before_one_lock() {
    for workload in THREADED {
        assert_eq!(workload.exposes, "mmap-backed");
        let plan = Plan::new(&(workload.generate)(1, 40_000, 4), None).unwrap();
        let (before, behind) = (Crowd::default(), Crowd::default());
        // Whether two threads come together is a matter of luck; not in so many replays.
        for _ in 0..100 {
            let heap = MmapHeap::new();
            let queue = Queue {
                before: &before,
                heap: Locked::new(Behind {
                    crowd: &behind,
                    heap,
                }),
            };
            assert_eq!(play(&queue, &plan, LIMIT).outcome.stop, None);
            if before.most() > 1 {
                break;
            }
        }
        assert!(
            before.most() > 1,
            "{}: no thread ever met another",
            workload.name
        );
        assert_eq!(behind.most(), 1, "{}", workload.name);
    }
}

/// Records a program in C in whose trace every call names the one thread that it has.
fn recorded(folder: &Path) -> PathBuf {
    let (source, program) = (folder.join("single.c"), folder.join("single"));
    let body = "#include <stdlib.h>\nint main() { for (int n = 0; n < 1000; n++) free(malloc(n)); return 0; }";
    fs::write(&source, body).unwrap();
    let compiled = Command::new("cc")
        .args([&source, Path::new("-O0"), Path::new("-o"), &program])
        .status();
    assert!(compiled.unwrap().success());
    let trace = folder.join("single.trace");
    let options = record::Options {
        output: Some(trace.clone()),
        ..record::Options::new([program])
    };
    record::run(&options).unwrap();
    assert!(!Trace::load(&trace).unwrap().columns.threads.is_empty());
    trace
}

#[test]
fn a_recorded_program_of_one_thread_is_replayed_by_every_contestant() {
    let folder = tempfile::tempdir().unwrap();
    let trace = recorded(folder.path());
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-harness"));
    command
        .args(["bench", "--json", "-", "--reps", "1", "--trace"])
        .arg(trace);
    let output = command.output().unwrap();
    let report = crate::support::report(&output);
    let workload = &report.workloads[0];
    assert!(!workload.facts.is_threaded);
    assert!(workload.rows.len() > 10);
    for row in &workload.rows {
        assert!(
            row.time.is_some(),
            "{} was not timed: {:?}",
            row.allocator,
            row.remarks.notes
        );
    }
}
