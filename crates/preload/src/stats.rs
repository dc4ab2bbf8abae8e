//! What was asked for, what is live, and what it takes: counted on request, reported at exit.

use core::ffi::CStr;
use core::sync::atomic::{AtomicI32, AtomicU8, AtomicU64, Ordering};

use crate::message::Line;
use crate::out::{Out, To};
use crate::path::Path;
use crate::report::Report;
use crate::watch::{self, Reason};
use crate::{files, heap, options, profile};

/// How the report at exit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Form {
    /// Not at all.
    None = 0,
    /// For people.
    Text = 1,
    /// For programs: one line.
    Json = 2,
}

static FORM: AtomicU8 = AtomicU8::new(Form::None as u8);
static FILE: Path = Path::new();
static REQUESTS: AtomicU64 = AtomicU64::new(0);
static REQUESTED: AtomicU64 = AtomicU64::new(0);
static REPORT_TO: AtomicI32 = AtomicI32::new(libc::STDERR_FILENO);

/// Requests, and the bytes that they asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requests {
    pub(crate) n: u64,
    pub(crate) bytes: u64,
}

/// The requests so far, if they are counted.
pub(crate) fn requests() -> Option<Requests> {
    watch::is_for(Reason::Counts).then(|| Requests {
        n: REQUESTS.load(Ordering::Relaxed),
        bytes: REQUESTED.load(Ordering::Relaxed),
    })
}

/// Counts a request of `size` bytes, if anyone wants to know.
pub(crate) fn count(size: usize) {
    if watch::is_for(Reason::Counts) {
        REQUESTS.fetch_add(1, Ordering::Relaxed);
        REQUESTED.fetch_add(size as u64, Ordering::Relaxed);
    }
}

/// Takes the option for the report's form.
pub(crate) fn set_form(value: &CStr) -> bool {
    let form = match value.to_bytes() {
        b"" | b"0" => Form::None,
        b"1" | b"text" => Form::Text,
        b"json" => Form::Json,
        _ => return false,
    };
    FORM.store(form as u8, Ordering::Relaxed);
    true
}

/// Takes the option for the report's file.
pub(crate) fn set_file(value: &CStr) -> bool {
    FILE.set(value)
}

/// Prints the report to stderr: `malloc_stats`.
pub(crate) fn print() {
    Report::new().text(&mut Out::new(To::Descriptor(libc::STDERR_FILENO)));
}

/// Runs before `main`, when the environment is there.
extern "C" fn start() {
    heap::explain_misuse();
    options::read();
    profile::begin();
    // A file that is named without a form is for programs.
    if FILE.is_set() && FORM.load(Ordering::Relaxed) == Form::None as u8 {
        FORM.store(Form::Json as u8, Ordering::Relaxed);
    }
    if FORM.load(Ordering::Relaxed) != Form::None as u8 {
        let second = files::second_stderr().unwrap_or(libc::STDERR_FILENO);
        REPORT_TO.store(second, Ordering::Relaxed);
        watch::begin(Reason::Counts);
    }
}

/// Runs after `main` and what the program registered for its exit.
extern "C" fn finish() {
    profile::finish();
    if FORM.load(Ordering::Relaxed) == Form::None as u8 {
        return;
    }
    // The sums first: they say nothing about the report.
    let report = Report::new();
    let file = if FILE.is_set() {
        FILE.append()
    } else {
        Some(REPORT_TO.load(Ordering::Relaxed))
    };
    let Some(file) = file else {
        let mut line = Line::new();
        line.add(format_args!("MALLOC_LADDER_STATS_FILE cannot be opened"));
        return line.print_to(REPORT_TO.load(Ordering::Relaxed));
    };
    let out = &mut Out::new(To::Descriptor(file));
    if FORM.load(Ordering::Relaxed) == Form::Json as u8 {
        report.json(out);
    } else {
        report.text(out);
    }
}

#[used]
#[unsafe(link_section = ".init_array")]
static START: extern "C" fn() = start;

#[used]
#[unsafe(link_section = ".fini_array")]
static FINISH: extern "C" fn() = finish;
