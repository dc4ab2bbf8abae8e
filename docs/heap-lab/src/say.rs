//! Sentences for what an operation did.

use core_api::Misuse;

use crate::lab::{Lab, Live, Outcome};
use crate::stage::{Format, Stage};
use crate::trace::{Op, Trace};
use crate::walk::{NONE, Record, State};

/// Formats `12381` as `12,381`.
pub fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Says what the last operation did to the heap.
pub fn say(lab: &Lab, trace: &Trace, records: &[Record]) -> String {
    let Some((op, outcome)) = lab.last() else {
        return "nothing is allocated yet; the heap takes its memory at the first request."
            .to_owned();
    };
    let name = |block: u32| trace.names.get(block as usize).map_or("?", String::as_str);
    let block = match op {
        Op::Allocate { block, .. } | Op::Free { block } | Op::Resize { block, .. } => name(block),
        Op::Reset | Op::Trim { .. } => "",
    };
    let result = match outcome {
        Outcome::Placed(live) => placed(live, records),
        Outcome::Resized { from, to } => {
            let how = match from.offset == to.offset {
                true => "stays where it is",
                false => "moves",
            };
            format!("{block} {how}. {}", placed(to, records))
        }
        Outcome::Freed(live) => freed(lab, live, records),
        Outcome::Reset => "every block is freed; the cursor is back at the start.".to_owned(),
        Outcome::Trimmed(0) => "there is no whole page to give back.".to_owned(),
        Outcome::Trimmed(bytes) => {
            format!("{} bytes go back to the system.", thousands(bytes as u32))
        }
        Outcome::OutOfMemory => {
            "no free block is large enough: the request fails, and the heap is as it was."
                .to_owned()
        }
        Outcome::NotLive => not_live(lab.stage(), block),
        Outcome::AlreadyLive => {
            format!("the program has {block} already, so nothing is done: free it first.")
        }
        Outcome::Unsupported => format!("{} cannot do this; nothing is done.", lab.stage().name()),
    };
    format!("{}: {result}", trace.text(op))
}

/// Says what a second free would do; the lab does not do it.
fn not_live(stage: Stage, block: &str) -> String {
    let would = match stage.format() {
        Format::None if stage == Stage::Bump => {
            "This stage would not notice: it has no record of blocks.".to_owned()
        }
        _ => format!(
            "The stage would end the process: {}.",
            Misuse::DoubleFree.message()
        ),
    };
    format!(
        "the program does not have {block}: it is freed already, or was never allocated. Nothing is done. {would}"
    )
}

fn placed(live: Live, records: &[Record]) -> String {
    let Some(record) = records
        .iter()
        .find(|one| one.state == State::Used && one.payload() == live.offset)
    else {
        return format!("payload at {}.", live.offset);
    };
    let padding = record.size - record.overhead - record.requested;
    let mut text = format!(
        "payload at {}, in a block of {} bytes",
        live.offset,
        thousands(record.size)
    );
    let parts = [(record.overhead, "header"), (padding, "padding")];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(bytes, _)| *bytes > 0)
        .map(|(bytes, what)| format!("{bytes} {what}"))
        .collect();
    if !parts.is_empty() {
        text += &format!(" ({})", parts.join(", "));
    }
    text + "."
}

fn freed(lab: &Lab, live: Live, records: &[Record]) -> String {
    let around = records
        .iter()
        .find(|one| one.offset <= live.offset && live.offset < one.end());
    match around {
        Some(one) if one.state == State::Free => {
            let list = match (one.list_name(), lab.stage().format()) {
                (_, Format::None) => String::new(),
                (None, _) => ", in no list".to_owned(),
                (Some(list), _) if one.rank == 0 => format!(", first in {list}"),
                (Some(list), _) => format!(", in {list}"),
            };
            format!(
                "its bytes are in a free block of {} bytes at {}{list}.",
                thousands(one.size),
                one.offset
            )
        }
        Some(one) if one.state == State::Lost => {
            "it is not the last block, so its bytes are lost until a reset.".to_owned()
        }
        _ => "done.".to_owned(),
    }
}

/// Says what a range is, for its name in the picture and in the table.
pub fn describe(record: &Record, trace: &Trace) -> String {
    let (size, at) = (thousands(record.size), record.offset);
    match record.state {
        State::Used if record.block != NONE => {
            let name = &trace.names[record.block as usize];
            let mut text = format!("block {name}: used, {size} bytes at {at}");
            if record.requested != record.size {
                text += &format!(", {} asked for", thousands(record.requested));
            }
            text
        }
        State::Used => format!("used, {size} bytes at {at}"),
        State::Free => match record.list_name() {
            Some(list) => format!(
                "free, {size} bytes at {at}, number {} in {list}",
                record.rank + 1
            ),
            None => format!("free, {size} bytes at {at}, in no list"),
        },
        State::Metadata => format!("metadata, {size} bytes at {at}"),
        State::Lost => format!("lost, {size} bytes at {at}"),
    }
}
