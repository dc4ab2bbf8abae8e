//! What was asked for, what is live, and what it takes: on demand, and at exit.

use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};

use crate::message::Line;
use crate::{heap, os, stage};

/// With this variable set, each process counts its requests and prints a report as it exits.
const VARIABLE: &core::ffi::CStr = c"MALLOC_LADDER_STATS";

static COUNTS: AtomicBool = AtomicBool::new(false);
static REQUESTS: AtomicU64 = AtomicU64::new(0);
static REQUESTED: AtomicU64 = AtomicU64::new(0);
static REPORT_TO: AtomicI32 = AtomicI32::new(libc::STDERR_FILENO);

/// Counts a request of `size` bytes, if anyone wants to know.
#[inline]
pub(crate) fn count(size: usize) {
    if COUNTS.load(Ordering::Relaxed) {
        REQUESTS.fetch_add(1, Ordering::Relaxed);
        REQUESTED.fetch_add(size as u64, Ordering::Relaxed);
    }
}

/// Prints the report to stderr: `malloc_stats`.
pub(crate) fn print() {
    report(libc::STDERR_FILENO);
}

fn report(file: i32) {
    // The sums first: they say nothing about themselves.
    let sums = heap::sums();
    let mut first = Line::new();
    let (process, mut name) = (os::process(), [0; 16]);
    let name = os::program_name(&mut name);
    first.add(format_args!(
        "process {process} ({name}), {}: ",
        stage::NAME
    ));
    if COUNTS.load(Ordering::Relaxed) {
        let requests = REQUESTS.load(Ordering::Relaxed);
        let requested = REQUESTED.load(Ordering::Relaxed);
        first.add(format_args!("{requests} requests for {requested} bytes, "));
    }
    let (n_used, used) = (sums.n_used, sums.used);
    first.add(format_args!("{n_used} blocks of {used} bytes live"));
    first.print_to(file);
    let mut second = Line::new();
    let (n_free, free, overhead) = (sums.n_free, sums.free, sums.overhead);
    let os::Resident { now, peak } = os::resident();
    second.add(format_args!(
        "footprint: {now} bytes resident, {peak} at most; heap of {} bytes, {free} of them free in \
         {n_free} blocks, {overhead} headers and such",
        sums.heap,
    ));
    second.print_to(file);
}

/// Runs before `main`, when the environment is there.
extern "C" fn start() {
    if os::is_set(VARIABLE) {
        let second = os::second_stderr().unwrap_or(libc::STDERR_FILENO);
        REPORT_TO.store(second, Ordering::Relaxed);
        COUNTS.store(true, Ordering::Relaxed);
    }
}

/// Runs after `main` and what the program registered for its exit.
extern "C" fn finish() {
    if COUNTS.load(Ordering::Relaxed) {
        report(REPORT_TO.load(Ordering::Relaxed));
    }
}

#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

#[used]
#[unsafe(link_section = ".fini_array")]
static FINISH: extern "C" fn() = finish;
