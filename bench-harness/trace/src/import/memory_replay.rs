//! Reads lines of Android's `record_allocs`, which its memory replay reads, too.
//!
//! A line is `THREAD: CALL POINTER …`, followed by the start and the end in nanoseconds, or by neither:
//!
//! | call | after the pointer |
//! |---|---|
//! | `malloc` | size |
//! | `calloc` | count, size |
//! | `memalign` | alignment, size |
//! | `realloc` | old pointer, size |
//! | `free`, `thread_done` | – |

use super::Lines;
use crate::by_address::{ByAddress, Moment, Request};
use crate::{ColumnSet, PLAIN_ALIGN};

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    call: Call,
    pointer: u64,
    moment: Moment,
    has_time: bool,
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Allocate(Request),
    Resize { old: u64, size: u64 },
    Free,
    ThreadDone,
}

/// The parser; it records whether a call so far lacked a time.
#[derive(Default)]
pub(super) struct Parser {
    is_without_time: bool,
}

impl Lines for Parser {
    const NAME: &'static str = "memory replay";

    fn take(&mut self, line: &str, calls: &mut ByAddress) -> Result<bool, String> {
        let line = parse(line)?;
        if matches!(line.call, Call::ThreadDone) {
            return Ok(true);
        }
        self.is_without_time |= !line.has_time;
        let done = match line.call {
            _ if line.pointer == 0 && !matches!(line.call, Call::Resize { .. }) => Ok(()),
            Call::Allocate(request) => calls.allocate(line.pointer, request, line.moment),
            Call::Free => calls.free(line.pointer, line.moment).map(drop),
            Call::Resize { old, size } => {
                super::calls::resize(calls, old, line.pointer, size, line.moment)
            }
            Call::ThreadDone => Ok(()),
        };
        done.map(|()| true).map_err(|error| error.to_string())
    }

    fn columns(&self) -> ColumnSet {
        ColumnSet {
            gaps: !self.is_without_time,
            ..ColumnSet::ALL
        }
    }
}

/// Reads a line.
///
/// # Errors
///
/// A message about the error in the line.
pub(super) fn parse(line: &str) -> Result<Line, String> {
    let mut words = line.split_ascii_whitespace();
    let mut word = |what: &str| words.next().ok_or_else(|| format!("the {what} is missing"));
    let thread = word("thread")?;
    let thread = thread
        .strip_suffix(':')
        .and_then(|thread| thread.parse().ok())
        .ok_or_else(|| format!("{thread:?} is no `THREAD:`"))?;
    let name = word("call")?;
    let pointer = pointer(word("pointer")?)?;
    let mut decimal = |what: &str| number(word(what)?);
    let plain = |size| Request {
        size,
        align: PLAIN_ALIGN,
        zeroed: false,
    };
    let call = match name {
        "malloc" => Call::Allocate(plain(decimal("size")?)),
        "calloc" => Call::Allocate(Request {
            zeroed: true,
            ..plain(decimal("count")?.saturating_mul(decimal("size")?))
        }),
        "memalign" => Call::Allocate(Request {
            align: super::calls::align(decimal("alignment")?),
            ..plain(decimal("size")?)
        }),
        "realloc" => Call::Resize {
            old: self::pointer(word("old pointer")?)?,
            size: number(word("size")?)?,
        },
        "free" => Call::Free,
        "thread_done" => Call::ThreadDone,
        _ => return Err(format!("{name:?} is no call")),
    };
    let times: Vec<u64> = words.map(number).collect::<Result<_, _>>()?;
    let has_time = match (times.len(), call) {
        (0, _) => false,
        (2, _) | (1, Call::ThreadDone) => true,
        _ => return Err("a start without an end, or more than both".to_owned()),
    };
    let ns = times.first().copied().unwrap_or_default();
    Ok(Line {
        call,
        pointer,
        moment: Moment {
            thread,
            ns,
            sized: false,
        },
        has_time,
    })
}

fn number(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("{word:?} is no number"))
}

fn pointer(word: &str) -> Result<u64, String> {
    let digits = word.strip_prefix("0x").unwrap_or(word);
    u64::from_str_radix(digits, 16).map_err(|_| format!("{word:?} is no pointer"))
}
