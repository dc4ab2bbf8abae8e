//! Writes the report at exit, if an option asks for it.

use core::ffi::CStr;
use core::sync::atomic::{AtomicI32, AtomicU8, Ordering};

use crate::files;
use crate::message::Line;
use crate::out::{Out, To};
use crate::path::Path;
use crate::report::Report;
use crate::watch::{self, Reason};

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
static REPORT_TO: AtomicI32 = AtomicI32::new(libc::STDERR_FILENO);

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

/// Runs before `main`, after the options are read.
pub(crate) fn begin() {
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

/// Runs at exit.
pub(crate) fn finish() {
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
