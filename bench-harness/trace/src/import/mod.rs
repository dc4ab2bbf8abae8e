//! Imports other tools' records of a program's calls.
//!
//! | format | a line | written by |
//! |---|---|---|
//! | [`.rep`](super::rep) | `a 0 512` | the malloc labs |
//! | [memory replay](Format::MemoryReplay) | `187: malloc 0xb6038060 20` | Android's `record_allocs` |
//! | [calls](Format::Calls) | `malloc(20) = 0x4a40040` | `ltrace`, `valgrind --trace-malloc=yes` |
//! | [raw](Format::Raw) | – | the recorder; `record` normally converts the file, unless it was killed |
//!
//! All formats but the first name blocks by address. The import leaves out and counts lines that deviate from
//! the format; the [strict](Strictness::Strict) reading refuses them.

mod calls;
mod memory_replay;

use super::by_address::ByAddress;
use super::rep::{self, Strictness};
use super::{Cause, ColumnSet, Origin, Provenance, Trace, record};

/// A format other than the compact one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The format of the malloc labs.
    Rep,
    /// Lines such as `THREAD: malloc POINTER SIZE [START END]`.
    MemoryReplay,
    /// Lines such as `malloc(SIZE) = POINTER`, with any text before the call.
    Calls,
    /// The raw recording of [`record::raw`], which the recorder writes while a program runs.
    Raw,
}

/// The result of an import.
#[derive(Debug)]
pub struct Imported {
    /// The calls.
    pub trace: Trace,
    /// What the import left out or added, a sentence each.
    pub notes: Vec<String>,
}

/// Detects the format of the bytes. O(the first lines).
pub fn detect(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(&record::raw::MAGIC.to_ne_bytes()) {
        return Some(Format::Raw);
    }
    let first = bytes.trim_ascii_start().first()?;
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1 << 16)]);
    let mut lines = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .take(200);
    let line = lines.next()?;
    if memory_replay::parse(line).is_ok() {
        return Some(Format::MemoryReplay);
    }
    if first.is_ascii_digit() && line.trim().bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Format::Rep);
    }
    let is_calls = calls::parse(line).is_some() || lines.any(|line| calls::parse(line).is_some());
    is_calls.then_some(Format::Calls)
}

/// Reads `bytes` in `format`. O(bytes).
///
/// # Errors
///
/// [`Cause::Line`] for the first line that is wrong; [`Cause::NotATrace`] if there is no call.
pub fn read(
    bytes: &[u8],
    name: &str,
    format: Format,
    strictness: Strictness,
) -> Result<Imported, Cause> {
    match format {
        Format::Rep => Ok(Imported {
            trace: rep::read(bytes, name, strictness)?,
            notes: Vec::new(),
        }),
        Format::MemoryReplay => lines(bytes, name, strictness, memory_replay::Parser::default()),
        Format::Calls => lines(bytes, name, strictness, calls::Parser),
        Format::Raw => raw(bytes),
    }
}

/// Reads a file in any format but the compact one. The trace's note says what the import left out or added.
///
/// # Errors
///
/// As [`read`].
pub(crate) fn load(bytes: &[u8], name: &str, strictness: Strictness) -> Result<Trace, Cause> {
    let format = detect(bytes).unwrap_or(Format::Rep);
    let Imported { mut trace, notes } = read(bytes, name, format, strictness)?;
    let note = core::mem::take(&mut trace.provenance.note);
    let all = core::iter::once(note).chain(notes);
    let said: Vec<String> = all.filter(|note| !note.is_empty()).collect();
    trace.provenance.note = said.join("; ");
    Ok(trace)
}

/// As [`load`], leniently; if a `.rep` file has an error, reads the calls before it.
///
/// # Errors
///
/// As [`load`].
pub(crate) fn load_prefix(bytes: &[u8], name: &str) -> Result<(Trace, Option<Cause>), Cause> {
    match detect(bytes) {
        Some(Format::Rep) | None => rep::read_prefix(bytes, name),
        Some(_) => Ok((load(bytes, name, Strictness::Lenient)?, None)),
    }
}

/// Reads a recording that `record` did not convert.
fn raw(bytes: &[u8]) -> Result<Imported, Cause> {
    let recording = record::convert(bytes).ok_or(Cause::NotATrace)?;
    let counts = [
        (
            recording.n_inherited,
            "frees of blocks from before the recording were left out",
        ),
        (
            recording.n_unseen,
            "frees that were not seen were added at the next use of their address",
        ),
    ];
    Ok(Imported {
        trace: recording.trace,
        notes: say(&counts),
    })
}

/// A reader of lines that name blocks by address.
trait Lines {
    /// The format's name in the provenance.
    const NAME: &'static str;

    /// Takes a line; returns false if it does not belong in the format.
    ///
    /// # Errors
    ///
    /// A message about the error in its call.
    fn take(&mut self, line: &str, calls: &mut ByAddress) -> Result<bool, String>;

    /// Returns the columns that all lines had.
    fn columns(&self) -> ColumnSet;
}

fn lines<L: Lines>(
    bytes: &[u8],
    name: &str,
    strictness: Strictness,
    mut parser: L,
) -> Result<Imported, Cause> {
    let mut calls = ByAddress::default();
    let mut n_strange = 0;
    for (index, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let line = String::from_utf8_lossy(line);
        let line = line.trim();
        let n_foreign = calls.n_foreign();
        let taken = line.is_empty()
            || parser
                .take(line, &mut calls)
                .map_err(wrong(index, &calls))?;
        n_strange += usize::from(!taken);
        let what = match strictness {
            Strictness::Strict if !taken => format!("{line:?} is no call"),
            Strictness::Strict if calls.n_foreign() > n_foreign => {
                "the block was never allocated, or freed before".to_owned()
            }
            _ => continue,
        };
        return Err(wrong(index, &calls)(what));
    }
    if calls.n_ops() == 0 {
        return Err(Cause::NotATrace);
    }
    let notes = notes(&calls, n_strange);
    let provenance = Provenance {
        origin: Origin::Imported,
        program: name.to_owned(),
        threads: calls.n_threads() as u32,
        note: L::NAME.to_owned(),
        ..Provenance::default()
    };
    Ok(Imported {
        trace: calls.finish(name, provenance, parser.columns()),
        notes,
    })
}

/// Returns the error of the line at `index`.
fn wrong(index: usize, calls: &ByAddress) -> impl FnOnce(String) -> Cause + use<> {
    let n_whole = calls.n_ops();
    move |what| Cause::Line {
        line: index + 1,
        what,
        n_whole,
    }
}

fn notes(calls: &ByAddress, n_strange: usize) -> Vec<String> {
    let counts = [
        (n_strange, "lines that are no calls were left out"),
        (
            calls.n_foreign(),
            "calls on blocks whose allocation is not there were left out",
        ),
        (
            calls.n_unseen(),
            "frees that are not there were added at the next use of their address",
        ),
    ];
    say(&counts)
}

/// Returns a sentence for each count that is not 0.
fn say(counts: &[(usize, &str)]) -> Vec<String> {
    let some = counts.iter().filter(|(n, _)| *n > 0);
    some.map(|(n, what)| format!("{n} {what}")).collect()
}
