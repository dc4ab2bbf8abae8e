//! Statistics: counts requests if an option asks for it, and writes the report at exit.

use core::ffi::CStr;
use core::sync::atomic::{AtomicI32, AtomicU8, AtomicU64, Ordering};

use crate::message::Line;
use crate::out::{Out, To};
use crate::path::Path;
use crate::report::Report;
use crate::watch::{self, Reason};
use crate::{files, heap, options, profile};

/// The form of the report at exit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Form {
    /// No report.
    None = 0,
    /// Text, for people.
    Text = 1,
    /// One line of JSON, for programs.
    Json = 2,
}

static FORM: AtomicU8 = AtomicU8::new(Form::None as u8);
static FILE: Path = Path::new();
static REQUESTS: AtomicU64 = AtomicU64::new(0);
static REQUESTED: AtomicU64 = AtomicU64::new(0);
static REPORT_TO: AtomicI32 = AtomicI32::new(libc::STDERR_FILENO);

/// The number of requests, and the bytes that they asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requests {
    pub(crate) n: u64,
    pub(crate) bytes: u64,
}

/// Returns the counts so far, if requests are counted.
pub(crate) fn requests() -> Option<Requests> {
    watch::is_for(Reason::Counts).then(|| Requests {
        n: REQUESTS.load(Ordering::Relaxed),
        bytes: REQUESTED.load(Ordering::Relaxed),
    })
}

/// Counts a request of `size` bytes, if requests are counted.
pub(crate) fn count(size: usize) {
    if watch::is_for(Reason::Counts) {
        REQUESTS.fetch_add(1, Ordering::Relaxed);
        REQUESTED.fetch_add(size as u64, Ordering::Relaxed);
    }
}

/// Sets the report's form from the option; returns false if the value is invalid.
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

/// Sets the report's file from the option; returns false if the path is invalid.
pub(crate) fn set_file(value: &CStr) -> bool {
    FILE.set(value)
}

/// Prints the report to stderr: `malloc_stats`.
pub(crate) fn print() {
    Report::new().text(&mut Out::new(To::Descriptor(libc::STDERR_FILENO)));
}

/// Runs before `main`, when the environment is available.
extern "C" fn start() {
    heap::explain_misuse();
    options::read();
    profile::begin();
    // A file without a form is meant for programs.
    if FILE.is_set() && FORM.load(Ordering::Relaxed) == Form::None as u8 {
        FORM.store(Form::Json as u8, Ordering::Relaxed);
    }
    if FORM.load(Ordering::Relaxed) != Form::None as u8 {
        let second = files::second_stderr().unwrap_or(libc::STDERR_FILENO);
        REPORT_TO.store(second, Ordering::Relaxed);
        watch::begin(Reason::Counts);
    }
}

/// Runs after `main` and after the program's exit handlers.
extern "C" fn finish() {
    profile::finish();
    if FORM.load(Ordering::Relaxed) == Form::None as u8 {
        return;
    }
    // Before the report opens a file, so that its own cost is not counted.
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
