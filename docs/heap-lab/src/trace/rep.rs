//! `.rep`, the text format of the CS:APP malloc lab: numbers, one a line, and then one call a line.
//!
//! The reader of the bench, in the package `alloc-trace`, knows all dialects; this one reads the calls, which are the
//! same in all of them. A page turns a recorded trace into such lines; an allocation then has an alignment as its last
//! number, if it asks for one.

use std::collections::BTreeMap;

use super::{Op, Trace};

const LARGEST: u32 = 1 << 30;

/// A figure's heap begins at a multiple of this, and of no more.
const LARGEST_ALIGN: u32 = 4096;

pub(super) fn parse(text: &str, limit: usize) -> Result<Trace, String> {
    let mut trace = Trace::default();
    let mut blocks = BTreeMap::new();
    let mut is_head = true;
    for (index, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_number = matches!(words[..], [one] if one.parse::<u64>().is_ok());
        if words.is_empty() || is_head && is_number {
            continue;
        }
        is_head = false;
        let op = op(&words, &mut trace.names, &mut blocks);
        let op = op.map_err(|why| format!("line {}, `{line}`: {why}", index + 1))?;
        match trace.ops.len() < limit {
            true => trace.ops.push(op),
            false => trace.n_left_out += 1,
        }
    }
    match trace.ops.is_empty() {
        true => Err(
            "there is no call in it: a `.rep` file has lines such as `a 0 24` and `f 0`".to_owned(),
        ),
        false => Ok(trace),
    }
}

fn op(
    words: &[&str],
    names: &mut Vec<String>,
    blocks: &mut BTreeMap<u32, u32>,
) -> Result<Op, String> {
    let number = |text: &str| {
        text.parse::<u32>()
            .ok()
            .filter(|number| *number <= LARGEST)
            .ok_or_else(|| format!("`{text}` is no number up to {LARGEST}"))
    };
    let mut block = |id: &str| {
        let id = number(id)?;
        Ok::<_, String>(*blocks.entry(id).or_insert_with(|| {
            names.push(id.to_string());
            names.len() as u32 - 1
        }))
    };
    match *words {
        ["a", id, size] => Ok(Op::Allocate {
            block: block(id)?,
            size: number(size)?,
            align: 8,
        }),
        ["a", id, size, align] => Ok(Op::Allocate {
            block: block(id)?,
            size: number(size)?,
            align: number(align)?.next_power_of_two().min(LARGEST_ALIGN),
        }),
        ["r", id, size] => Ok(Op::Resize {
            block: block(id)?,
            size: number(size)?,
        }),
        ["f", id] => Ok(Op::Free { block: block(id)? }),
        _ => Err("a call is `a ID BYTES`, `r ID BYTES` or `f ID`".to_owned()),
    }
}
