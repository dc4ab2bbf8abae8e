//! What the user should know about a recording before trusting it.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

use super::image::{self, Obstacle};
use super::process::Ended;
use super::summary::{N_SHOWN, Recorded, Summary};
use super::{Door, MATTERS, Options, convert, linked, runtime};
use crate::units::thousands;

/// The possible reasons if the program's file shows none.
const MAYBE: &str = "it allocates nothing, has its own allocator, or was started without the variables \
                     LD_PRELOAD and ALLOCATION_RECORD_DIR";

/// Returns the warnings about a recording, a sentence each.
pub(super) fn all(
    options: &Options,
    ended: &Ended,
    summary: &Summary,
    n_lost: usize,
) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(about_named(options, ended, summary));
    if n_lost > 0 {
        warnings.push(format!(
            "{n_lost} processes left a recording without a beginning: the disk is full, the size of \
             files is limited (`ulimit -f`), or the processes were killed at the start"
        ));
    }
    if options.door == Door::C {
        about_runtimes(options, summary, &mut warnings);
        warnings.extend(about_linked(summary));
    }
    warnings
}

/// Returns the warning if the named program made few calls, or no call that was seen.
fn about_named(options: &Options, ended: &Ended, summary: &Summary) -> Option<String> {
    let n_ops = summary.named.as_ref().map_or(0, |named| named.n_ops);
    if n_ops > MATTERS {
        return None;
    }
    let program = image::name(&options.command[0]);
    let mut text = match &summary.named {
        None => format!(
            "nothing was recorded of `{program}`, the program that you named: {}",
            why(options.door, image::find(&options.command[0]).as_deref()),
        ),
        Some(named) if named.n_ops == 0 => {
            let why = match named.stopped {
                0 => why(options.door, named.image.as_deref()),
                _ => "its recording stopped at the start".to_owned(),
            };
            let name = &named.program;
            format!("`{name}`, the program that you named, made no call that was seen: {why}")
        }
        Some(named) => format!(
            "`{}`, the program that you named, made only {} calls: too few to compare allocators by",
            named.program,
            thousands(named.n_ops)
        ),
    };
    if let Some(name) = became(ended, summary) {
        let path = image::find(OsStr::new(name));
        let _ = write!(
            text,
            "; it ended under the name `{name}`: if it executed a program of that name, nothing of that program \
             was recorded: {}",
            why(options.door, path.as_deref())
        );
    }
    let busiest = summary.others.first();
    if let Some(other) = busiest.filter(|other| other.n_ops > MATTERS.max(10 * n_ops)) {
        let _ = write!(text, "; {}", whereas(ended, other));
    }
    Some(text)
}

/// Returns the name of the started process at its end, if it is not the recorded program's name.
fn became<'a>(ended: &'a Ended, summary: &Summary) -> Option<&'a str> {
    let (named, name) = (summary.named.as_ref()?, ended.name.as_deref()?);
    (convert::plain(name) != named.program).then_some(name)
}

/// Returns a clause about the process that did the work.
fn whereas(ended: &Ended, other: &Recorded) -> String {
    let whose = match (other.is_earlier, other.parent == ended.pid) {
        (true, _) => "what it was before,",
        (false, true) => "its child",
        (false, false) => "another process,",
    };
    let (program, pid, calls) = (&other.program, other.pid, thousands(other.n_ops));
    let path = other.path.as_deref().unwrap_or(Path::new(""));
    format!(
        "{whose} `{program}` (process {pid}), made {calls}: {}",
        path.display()
    )
}

/// Returns the reason why the recorder saw no call of the program at `path`.
fn why(door: Door, path: Option<&Path>) -> String {
    match door {
        Door::Rust => "its global allocator is not a `recording::Recording`".to_owned(),
        Door::C => match path.and_then(image::obstacle) {
            Some(Obstacle::Static) => format!(
                "{}; a Rust program can record itself, with --rust",
                Obstacle::Static
            ),
            Some(obstacle) => obstacle.to_string(),
            None => MAYBE.to_owned(),
        },
    }
}

/// Returns a warning for each program that is linked with an allocator.
fn about_linked(summary: &Summary) -> Vec<String> {
    let mut warnings = Vec::new();
    for process in shown(summary) {
        let Some(linked) = process.image.as_deref().and_then(linked::with) else {
            continue;
        };
        let (program, library) = (&process.program, &linked.library);
        let mut warning = format!(
            "`{program}` is linked with {library}: the trace has its calls of `malloc`, which the C library \
             served while it was recorded"
        );
        if linked.calls_new {
            let _ = write!(
                warning,
                ", and no block of C++'s `new`, which {library} serves itself"
            );
        }
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    warnings
}

/// Iterates over the processes whose traces the user may read.
fn shown(summary: &Summary) -> impl Iterator<Item = &Recorded> {
    let others = summary.others.iter().filter(|other| other.n_ops > MATTERS);
    summary.named.iter().chain(others.take(N_SHOWN))
}

/// Adds a warning for each runtime that hides objects from a trace that the user may read.
fn about_runtimes(options: &Options, summary: &Summary, warnings: &mut Vec<String>) {
    for process in shown(summary) {
        let Some(runtime) = process.image.as_deref().and_then(runtime::of) else {
            continue;
        };
        let advice = match runtime.variable {
            Some((name, value)) if options.env(name).is_some_and(|set| set == value) => continue,
            Some((name, value)) => {
                let argument = match value.contains(' ') {
                    true => format!("'{name}={value}'"),
                    false => format!("{name}={value}"),
                };
                format!("; with `--env {argument}` it requests each object from the C library")
            }
            None => String::new(),
        };
        let warning = format!("{}{advice}", runtime.seen);
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
}
