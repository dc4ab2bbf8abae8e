//! Scripts: the operations of a figure, as a reader writes them.

use std::collections::BTreeMap;

use super::{Op, Trace};

/// The largest request, in bytes: no figure's heap is larger.
const LARGEST: u32 = 16 << 20;

/// The alignment of a request that asks for none.
const ALIGN: u32 = 8;

const HOW: &str = "write `a = malloc 24`, `free a`, `realloc a 80`, `reset` or `trim 0`";

pub(super) fn parse(text: &str) -> Result<Trace, String> {
    let mut script = Script::default();
    let statements = text.split([';', '\n']).map(str::trim);
    for (index, statement) in statements
        .filter(|statement| !statement.is_empty())
        .enumerate()
    {
        let op = script.op(statement);
        let op = op.map_err(|why| format!("operation {}, `{statement}`: {why}", index + 1))?;
        script.trace.ops.push(op);
    }
    Ok(script.trace)
}

#[derive(Default)]
struct Script {
    trace: Trace,
    blocks: BTreeMap<String, u32>,
}

impl Script {
    fn op(&mut self, statement: &str) -> Result<Op, String> {
        let spaced = statement.replace('=', " = ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        match words[..] {
            [name, "=", "malloc", size] => self.allocate(name, size, ALIGN),
            [name, "=", "malloc", size, "align", align] => {
                let align = number(align)?;
                if !align.is_power_of_two() || align > 4096 {
                    return Err("an alignment is a power of two up to 4096".to_owned());
                }
                self.allocate(name, size, align)
            }
            ["free", name] => Ok(Op::Free {
                block: self.block(name)?,
            }),
            ["realloc", name, size] => Ok(Op::Resize {
                block: self.block(name)?,
                size: bytes(size)?,
            }),
            ["reset"] => Ok(Op::Reset),
            ["trim", keep] => Ok(Op::Trim {
                keep: number(keep)?,
            }),
            _ => Err(HOW.to_owned()),
        }
    }

    fn allocate(&mut self, name: &str, size: &str, align: u32) -> Result<Op, String> {
        Ok(Op::Allocate {
            block: self.block(name)?,
            size: bytes(size)?,
            align,
        })
    }

    /// Returns the number of the block of that name, a new one if the name is new.
    fn block(&mut self, name: &str) -> Result<u32, String> {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.len() <= 12;
        if !is_name {
            return Err(format!(
                "`{name}` is no name: a letter, then letters and digits, 12 at most"
            ));
        }
        let next = self.trace.names.len() as u32;
        let block = *self.blocks.entry(name.to_owned()).or_insert(next);
        if block == next {
            self.trace.names.push(name.to_owned());
        }
        Ok(block)
    }
}

fn bytes(text: &str) -> Result<u32, String> {
    match number(text)? {
        size if size > LARGEST => Err(format!("{size} bytes are more than a figure's heap has")),
        size => Ok(size),
    }
}

fn number(text: &str) -> Result<u32, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no number of bytes"))
}
