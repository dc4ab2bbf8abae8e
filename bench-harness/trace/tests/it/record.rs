//! Tests of recording real programs: threads, fork, a crash, every function of the family.
//!
//! The recorded programs are in this file, too: a test runs the test binary again with [`PROGRAM_VARIABLE`]
//! set, which names the program.

use std::env;
use std::ffi::{OsString, c_void};
use std::fs;
use std::hint::black_box;
use std::ops::Range;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Barrier, mpsc};
use std::time::{Duration, Instant};

use alloc_trace::record::{self, Options, RecordError, Summary};
use alloc_trace::stacks::{Stacks, Weight};
use alloc_trace::{Op, PLAIN_ALIGN, Trace};

/// The variable that names the program for this binary to run.
const PROGRAM_VARIABLE: &str = "RECORDED_TEST_PROGRAM";

/// A size that nothing else requests.
const MARK: usize = 424_242;

/// Records this binary as the program with the given name. The traces go to `directory`.
fn record(program: &str, directory: &Path) -> Summary {
    let script = format!("{PROGRAM_VARIABLE}={program} exec \"$@\" > /dev/null");
    let mut command: Vec<OsString> = ["sh", "-c", &script, "sh"].map(OsString::from).into();
    command.push(env::current_exe().unwrap().into());
    command.extend(["--exact", "record::the_recorded_program"].map(OsString::from));
    let options = Options {
        all: true,
        stacks: program == "sites",
        ..options(directory.join("main.trace"), command)
    };
    record::run(&options).unwrap()
}

fn options<S: Into<OsString>>(output: PathBuf, command: impl IntoIterator<Item = S>) -> Options {
    Options {
        output: Some(output),
        ..Options::new(command)
    }
}

/// Does nothing in a plain test run.
#[test]
fn the_recorded_program() {
    match env::var(PROGRAM_VARIABLE).as_deref() {
        Ok("threads") => pass_blocks_around(),
        Ok("sizes") => allocate_by_thread(),
        Ok("sleeper") => sleep_between_marks(),
        Ok("fork") => fork_and_allocate(),
        Ok("killed") => allocate_and_die(),
        Ok("family") => call_everything(),
        Ok("sites") => allocate_at_two_sites(),
        _ => {}
    }
}

/// A block that one thread may hand to another.
struct Block(*mut c_void);

// SAFETY: any thread may free a block that another thread allocated.
unsafe impl Send for Block {}

/// Hides the call from the compiler, which knows `malloc` and removes calls without effect.
fn malloc(size: usize) -> Block {
    // SAFETY: `malloc` takes any size.
    let block = black_box(unsafe { libc::malloc(size) });
    assert!(!block.is_null());
    Block(block)
}

fn free(block: Block) {
    // SAFETY: the tests free each block once.
    unsafe { libc::free(block.0) };
}

fn resize(block: Block, size: usize) -> Block {
    // SAFETY: the block is live, and no other thread uses it.
    let resized = black_box(unsafe { libc::realloc(block.0, size) });
    assert!(!resized.is_null());
    Block(resized)
}

const N_THREADS: usize = 6;
const N_PASSED: usize = 20_000;

/// Runs a ring of threads. Each allocates blocks, passes them on, and resizes and frees the blocks that it
/// gets.
///
/// The blocks are too large for glibc's per-thread caches and all come from one arena. So an address that one
/// thread frees soon goes to another thread.
fn pass_blocks_around() {
    // SAFETY: no other thread is in `mallopt`.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..N_THREADS).map(|_| mpsc::channel()).unzip();
    std::thread::scope(|scope| {
        for (index, receiver) in receivers.into_iter().enumerate() {
            let next = senders[(index + 1) % N_THREADS].clone();
            scope.spawn(move || {
                for step in 0..N_PASSED {
                    next.send(malloc(PASSED.start + step % PASSED.len()))
                        .unwrap();
                    let block = resize(receiver.recv().unwrap(), 3000 + step % 500);
                    free(resize(block, 2000));
                    (0..4).for_each(|more| free(malloc(3000 + more)));
                }
                malloc(MARK);
            });
        }
    });
}

/// The sizes of the blocks in the ring.
const PASSED: Range<usize> = 2500..2503;

const N_AT_SITE: usize = 300;

/// Allocates marks in one function and other blocks in another.
fn allocate_at_two_sites() {
    (0..N_AT_SITE).for_each(|_| free(the_first_site()));
    (0..2 * N_AT_SITE).for_each(|_| free(the_second_site()));
}

#[inline(never)]
fn the_first_site() -> Block {
    malloc(MARK)
}

#[inline(never)]
fn the_second_site() -> Block {
    malloc(MARK + 1)
}

/// Each of some threads allocates a size of its own, all at the same time.
fn allocate_by_thread() {
    let barrier = Barrier::new(N_THREADS);
    std::thread::scope(|scope| {
        for thread in 0..N_THREADS {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                (0..N_PASSED).for_each(|_| free(malloc(MARK + 1 + thread)));
            });
        }
    });
    malloc(MARK);
}

/// How long [`sleep_between_marks`] sleeps.
const NAP: Duration = Duration::from_millis(30);

fn sleep_between_marks() {
    (0..1000).for_each(|_| free(malloc(77)));
    malloc(MARK);
    std::thread::sleep(NAP);
    malloc(MARK);
    // `record` finds the counter's rate from the first and the last page of calls, which are a sleep apart.
    (0..1000).for_each(|_| free(malloc(77)));
}

fn fork_and_allocate() {
    let inherited = malloc(MARK);
    // SAFETY: the child only allocates, which the C library allows after a fork, and ends.
    match unsafe { libc::fork() } {
        0 => {
            free(inherited);
            (1..=100).for_each(|more| free(malloc(MARK + more)));
            // SAFETY: ends the process.
            unsafe { libc::_exit(0) }
        }
        child => {
            (1..=100).for_each(|more| free(malloc(MARK + 1000 + more)));
            // SAFETY: a null pointer means that the status is not wanted.
            assert_eq!(unsafe { libc::waitpid(child, ptr::null_mut(), 0) }, child);
        }
    }
}

fn allocate_and_die() {
    for _ in 0..70_000 {
        malloc(77);
    }
    malloc(MARK);
    // SAFETY: ends the process.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
}

fn call_everything() {
    let page = 4096;
    // The thread that started this one may still be allocating.
    std::thread::sleep(NAP);
    free(malloc(MARK));
    // SAFETY: the functions take these arguments; each result is freed once, or is null.
    unsafe {
        *libc::__errno_location() = 0;
        libc::free(black_box(libc::calloc(7, 143)));
        let block = black_box(libc::realloc(ptr::null_mut(), 1002));
        let block = black_box(libc::realloc(block, 5002));
        assert!(black_box(libc::realloc(block, 0)).is_null());
        libc::free(black_box(libc::memalign(64, 1003)));
        libc::free(black_box(libc::aligned_alloc(32, 1024)));
        let mut out = ptr::null_mut();
        assert_eq!(libc::posix_memalign(&mut out, page, 1004), 0);
        libc::free(out);
        assert_eq!(libc::posix_memalign(&mut out, 3, 1004), libc::EINVAL);
        assert_eq!(*libc::__errno_location(), 0, "no call above sets it");
        libc::free(black_box(libc::reallocarray(ptr::null_mut(), 5, 201)));
        assert!(black_box(libc::reallocarray(ptr::null_mut(), usize::MAX, 2)).is_null());
        assert_eq!(*libc::__errno_location(), libc::ENOMEM);
        assert!(black_box(libc::malloc(usize::MAX / 2)).is_null());
    }
    free(malloc(MARK));
}

/// Returns the traces of all processes.
fn traces(summary: &Summary) -> impl Iterator<Item = Trace> {
    let paths = summary
        .processes()
        .filter_map(|process| process.path.as_ref());
    paths.map(|path| Trace::load(path).unwrap())
}

/// Returns the trace of the process that requests [`MARK`]; the shell that starts it has a trace, too.
fn marked_trace(summary: &Summary) -> Trace {
    let marked = traces(summary).find(|trace| count(trace, |size| size == MARK) > 0);
    marked.unwrap_or_else(|| panic!("no mark: {summary}"))
}

fn count(trace: &Trace, wanted: impl Fn(usize) -> bool) -> usize {
    let is_wanted = |op: &&Op| matches!(op, Op::Allocate { size, .. } if wanted(*size));
    trace.ops.iter().filter(is_wanted).count()
}

#[test]
fn blocks_that_threads_pass_around_stay_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let summary = record("threads", directory.path());
    let process = summary.named.as_ref().unwrap();
    assert!(summary.status.success(), "{summary}");
    assert!(process.n_threads as usize > N_THREADS, "{summary}");
    // If a block's address were handed out before its free was recorded, that free would count as unseen.
    assert_eq!(
        (process.n_unseen, process.n_inherited, process.stopped),
        (0, 0, 0),
        "{summary}"
    );
    let trace = marked_trace(&summary);
    assert_eq!(count(&trace, |size| size == MARK), N_THREADS);
    assert!(count(&trace, |size| PASSED.contains(&size)) >= N_THREADS * N_PASSED);
    let is_resize = |op: &&Op| matches!(op, Op::Resize { .. });
    assert!(trace.ops.iter().filter(is_resize).count() >= 2 * N_THREADS * N_PASSED);
}

#[test]
fn each_allocation_has_the_stack_of_its_site() {
    let directory = tempfile::tempdir().unwrap();
    let summary = record("sites", directory.path());
    let path = directory.path().join("main.trace");
    let trace = Trace::load(&path).unwrap();
    let stacks = Stacks::load(&path.with_extension("stacks")).unwrap();
    let sizes = trace.ops.iter().filter_map(|op| match op {
        Op::Allocate { size, .. } => Some(*size),
        _ => None,
    });
    assert_eq!(sizes.clone().count(), stacks.sites.len(), "{summary}");
    for (size, function, n) in [
        (MARK, "the_first_site", N_AT_SITE),
        (MARK + 1, "the_second_site", 2 * N_AT_SITE),
    ] {
        let with_size = sizes
            .clone()
            .zip(&stacks.sites)
            .filter(|(found, _)| *found == size);
        let texts: Vec<&str> = with_size
            .map(|(_, site)| stacks.stacks[*site as usize].as_str())
            .collect();
        assert_eq!(texts.len(), n);
        let is_there = |text: &&str| text.contains(function) && !text.contains("librecorder");
        assert!(texts.iter().all(is_there), "{size}: {:?}", texts.first());
    }
    let flames = stacks.collapsed(&trace, Weight::Calls).unwrap();
    assert!(
        flames
            .lines()
            .next()
            .unwrap()
            .ends_with(&format!(" {}", 2 * N_AT_SITE)),
        "{flames}"
    );
}

#[test]
fn every_call_is_its_own_threads() {
    let directory = tempfile::tempdir().unwrap();
    let summary = record("sizes", directory.path());
    let trace = marked_trace(&summary);
    assert_eq!(trace.columns.threads.len(), trace.ops.len(), "{summary}");
    let threads_of = |wanted: usize| {
        let calls = trace.ops.iter().zip(&trace.columns.threads);
        let wanted =
            calls.filter(|(op, _)| matches!(op, Op::Allocate { size, .. } if *size == wanted));
        wanted.map(|(_, thread)| *thread).collect::<Vec<_>>()
    };
    let mut seen = Vec::new();
    for thread in 0..N_THREADS {
        let threads = threads_of(MARK + 1 + thread);
        assert_eq!(threads.len(), N_PASSED);
        assert!(threads.iter().all(|thread| *thread == threads[0]));
        seen.push(threads[0]);
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), N_THREADS, "each thread has a number of its own");
}

#[test]
fn calls_have_the_time_that_passed_between_them() {
    let directory = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let summary = record("sleeper", directory.path());
    let elapsed = start.elapsed();
    let trace = marked_trace(&summary);
    let is_mark = |op: &Op| matches!(op, Op::Allocate { size: MARK, .. });
    let marks: Vec<usize> = (0..trace.ops.len())
        .filter(|&at| is_mark(&trace.ops[at]))
        .collect();
    let gaps = &trace.columns.gaps;
    assert_eq!((marks.len(), gaps.len()), (2, trace.ops.len()), "{summary}");
    let between: u64 = gaps[marks[0] + 1..=marks[1]].iter().sum();
    let slept = Duration::from_nanos(between);
    // `record` finds the counter's rate from few readings of the clock.
    assert!(slept >= NAP * 9 / 10, "{slept:?}");
    let all = Duration::from_nanos(gaps.iter().sum());
    assert!(all <= elapsed * 11 / 10, "{all:?} of {elapsed:?}");
}

#[test]
fn a_forked_child_has_a_trace_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let summary = record("fork", directory.path());
    let in_parent = |size| (MARK + 1001..=MARK + 1100).contains(&size);
    let in_child = |size| (MARK + 1..=MARK + 100).contains(&size);
    let found = |wanted: &dyn Fn(usize) -> bool| {
        let counts = traces(&summary).map(|trace| count(&trace, wanted));
        counts.filter(|&n| n > 0).collect::<Vec<_>>()
    };
    assert_eq!(
        (found(&in_parent), found(&in_child)),
        (vec![100], vec![100]),
        "{summary}"
    );
    let child = summary.processes().find(|process| process.n_inherited > 0);
    assert_eq!(
        child
            .expect("the child frees its parent's block")
            .n_inherited,
        1
    );
}

#[test]
fn what_a_killed_program_did_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let summary = record("killed", directory.path());
    assert_eq!(summary.status.signal(), Some(libc::SIGKILL));
    assert!(summary.to_string().contains("signal: 9"), "{summary}");
    let trace = marked_trace(&summary);
    assert_eq!(count(&trace, |size| size == 77), 70_000);
    assert_eq!(count(&trace, |size| size == MARK), 1);
}

#[test]
fn every_function_of_the_family_is_recorded_as_what_it_asks() {
    let directory = tempfile::tempdir().unwrap();
    let summary = record("family", directory.path());
    assert!(summary.status.success(), "{summary}");
    let trace = marked_trace(&summary);
    let is_mark = |op: &Op| matches!(op, Op::Allocate { size: MARK, .. });
    let marks: Vec<usize> = (0..trace.ops.len())
        .filter(|&at| is_mark(&trace.ops[at]))
        .collect();
    // The first mark's free comes before the calls between the marks; the second mark comes after them.
    let calls = &trace.ops[marks[0] + 2..marks[1]];
    let slot = match calls[0] {
        Op::Allocate { slot, .. } => slot,
        _ => panic!("{calls:?}"),
    };
    let free = Op::Free { slot };
    let allocate = |size, align, zeroed| Op::Allocate {
        slot,
        size,
        align,
        zeroed,
    };
    let expected = [
        allocate(1001, PLAIN_ALIGN, true),
        free,
        allocate(1002, PLAIN_ALIGN, false),
        Op::Resize { slot, size: 5002 },
        free,
        allocate(1003, 64, false),
        free,
        allocate(1024, 32, false),
        free,
        allocate(1004, 4096, false),
        free,
        allocate(1005, PLAIN_ALIGN, false),
        free,
    ];
    assert_eq!(calls, expected);
}

#[test]
fn what_cannot_be_recorded_is_said_before_anything_runs() {
    let directory = tempfile::tempdir().unwrap();
    let ran = directory.path().join("ran");
    let touch = ["touch".into(), ran.clone().into_os_string()];
    let below_a_file = env::current_exe().unwrap().join("x.trace");
    for output in [below_a_file, directory.path().to_owned()] {
        let error = record::run(&options(output, &touch)).unwrap_err();
        assert!(matches!(error, RecordError::Output(..)), "{error}");
        assert!(!ran.exists());
    }
    let output = || directory.path().join("x.trace");
    let error = record::run(&options(output(), ["no-such-program"])).unwrap_err();
    assert!(matches!(error, RecordError::Start(..)), "{error}");
    let none: [&str; 0] = [];
    assert!(matches!(
        record::run(&options(output(), none)),
        Err(RecordError::NoProgram)
    ));
    assert_eq!(
        directory.path().read_dir().unwrap().count(),
        0,
        "nothing is left behind"
    );
}

/// The program itself creates a folder in the place for its trace.
#[test]
fn a_recording_that_cannot_become_a_trace_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let output = directory.path().join("out.trace");
    let script = format!("rm -f {0}; mkdir -p {0}/occupied", output.display());
    let error = record::run(&options(output, ["sh", "-c", &script])).unwrap_err();
    let RecordError::Kept(_, kept) = &error else {
        panic!("{error}");
    };
    assert!(error.to_string().contains("trace import"), "{error}");
    let raw = fs::read_dir(kept).unwrap().next().unwrap().unwrap();
    let bytes = fs::read(raw.path()).unwrap();
    let recording = record::convert(&bytes).expect("it is whole");
    let loaded = Trace::load(raw.path()).expect("whatever reads traces reads it");
    assert_eq!(loaded.ops, recording.trace.ops);
    assert!(recording.image.is_some());
}

#[test]
fn any_raw_recording_is_taken_or_refused() {
    use record::raw;
    assert!(record::convert(b"short").is_none());
    assert!(record::convert(&[0; raw::HEADER_LEN + raw::PAGE_LEN]).is_none());
    let mut bytes = vec![0; raw::HEADER_LEN];
    bytes[..8].copy_from_slice(&raw::MAGIC.to_ne_bytes());
    let mut random = 1_u64;
    for page in 0..200_u64 {
        let head = [(1 << 32) | (page % 4), page * 1000, page * 500, 0];
        head.iter()
            .for_each(|word| bytes.extend(word.to_ne_bytes()));
        for _ in 0..(raw::PAGE_LEN - raw::HEAD_LEN) / 8 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // A kind, lengths of one byte for three of the numbers, and small numbers.
            let control = (random >> 40 & 7) | 0o11 << 4 | 1 << 10 | 1 << 13;
            let numbers = random >> 44 & 0x0f0f_0f0f;
            bytes.extend((control as u16).to_le_bytes());
            bytes.extend(&numbers.to_le_bytes()[..6]);
        }
    }
    let recording = record::convert(&bytes).unwrap();
    assert!(recording.n_unseen > 0 && recording.n_inherited > 0);
    alloc_trace::compact::write(&recording.trace).expect("what is converted is valid");
}
