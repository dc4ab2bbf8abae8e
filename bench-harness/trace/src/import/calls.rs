//! Reads calls in C syntax with their results: the output of `ltrace` and `valgrind --trace-malloc=yes`.
//!
//! The parser skips the text before the name (`--123--`, `[pid 123]`, `program->`), except for the number of a
//! process or thread in brackets. It knows C++'s `operator new` and `delete` by their linker names.

use super::Lines;
use crate::by_address::{ByAddress, Moment, Request};
use crate::{BlockError, ColumnSet, PLAIN_ALIGN};

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    thread: u32,
    name: &'a str,
    /// The numbers in the parentheses.
    first: u64,
    second: u64,
    /// The result; 0 if the line has none.
    result: u64,
}

pub(super) struct Parser;

impl Lines for Parser {
    const NAME: &'static str = "calls as text";

    fn take(&mut self, line: &str, calls: &mut ByAddress) -> Result<bool, String> {
        match parse(line) {
            None => Ok(false),
            Some(call) => apply(call, calls)
                .map(|()| true)
                .map_err(|error| error.to_string()),
        }
    }

    fn columns(&self) -> ColumnSet {
        ColumnSet {
            gaps: false,
            ..ColumnSet::ALL
        }
    }
}

fn apply(call: Call<'_>, calls: &mut ByAddress) -> Result<(), BlockError> {
    let Call {
        first,
        second,
        result,
        ..
    } = call;
    let moment = Moment {
        thread: call.thread,
        ..Moment::default()
    };
    let request = |size, align, zeroed| Request {
        size,
        align,
        zeroed,
    };
    match call.name {
        "realloc" => return resize(calls, first, result, second, moment),
        name if is_free(name) && first == 0 => return Ok(()),
        name if is_free(name) => return calls.free(first, moment).map(drop),
        _ if result == 0 => return Ok(()),
        _ => {}
    }
    let request = match call.name {
        "calloc" => request(first.saturating_mul(second), PLAIN_ALIGN, true),
        "memalign" | "aligned_alloc" => request(second, align(first), false),
        name if name.contains("St11align_val_t") => request(first, align(second), false),
        _ => request(first, PLAIN_ALIGN, false),
    };
    calls.allocate(result, request, moment)
}

/// Adds a call `realloc(old, size)` that returned `new`.
pub(super) fn resize(
    calls: &mut ByAddress,
    old: u64,
    new: u64,
    size: u64,
    moment: Moment,
) -> Result<(), BlockError> {
    if new == 0 {
        let is_free = size == 0 && old != 0;
        return if is_free {
            calls.free(old, moment).map(drop)
        } else {
            Ok(())
        };
    }
    match calls.lift(old) {
        Some(block) => calls.resize(block, new, size, moment),
        None => {
            let request = Request {
                size,
                align: PLAIN_ALIGN,
                zeroed: false,
            };
            calls.allocate(new, request, moment)
        }
    }
}

/// Returns the alignment to which a C library rounds any number.
pub(super) fn align(asked: u64) -> u32 {
    let asked = u32::try_from(asked).unwrap_or(1 << 31).clamp(1, 1 << 31);
    asked.next_power_of_two()
}

fn is_free(name: &str) -> bool {
    matches!(name, "free" | "cfree") || name.starts_with("_Zdl") || name.starts_with("_Zda")
}

fn is_known(name: &str) -> bool {
    let is_new = name.starts_with("_Znw") || name.starts_with("_Zna");
    is_new
        || is_free(name)
        || matches!(
            name,
            "malloc" | "calloc" | "realloc" | "memalign" | "aligned_alloc"
        )
}

/// Reads the call on a line, if there is one.
pub(super) fn parse(line: &str) -> Option<Call<'_>> {
    let (before, rest) = line.split_once('(')?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let name = &before[before.trim_end_matches(is_part).len()..];
    let (arguments, rest) = rest.split_once(')')?;
    let mut arguments = arguments.split(',').map(last_number);
    if !is_known(name) {
        return None;
    }
    let result = rest.rsplit_once('=').map(|(_, result)| last_number(result));
    Some(Call {
        thread: thread(before),
        name,
        first: arguments.next()??,
        second: arguments.next().flatten().unwrap_or_default(),
        result: result.flatten().unwrap_or_default(),
    })
}

/// Reads the number of `[pid 123]`.
fn thread(before: &str) -> u32 {
    let inside = before
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'));
    let number = inside.and_then(|(inside, _)| inside.split_ascii_whitespace().last());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

/// Reads the last word as a number: `24`, `0x4a40040`, `al 64`, `size 99`.
fn last_number(text: &str) -> Option<u64> {
    let word = text.split_ascii_whitespace().last()?;
    match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if matches!(word, "nil" | "NULL") => Some(0),
        None => word.parse().ok(),
    }
}
