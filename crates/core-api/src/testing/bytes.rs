//! Any bytes are a program: what a fuzzer mutates.

use std::vec::Vec;

use super::Op;

/// Longer programs only slow a fuzzer down.
const MAX_OPS: usize = 1024;

/// Reads bytes; past the end there are zeros.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn byte(&mut self) -> usize {
        match self.bytes.split_first() {
            Some((&first, rest)) => {
                self.bytes = rest;
                usize::from(first)
            }
            None => 0,
        }
    }

    fn word(&mut self) -> usize {
        self.byte() | self.byte() << 8
    }

    /// Small sizes take two bytes; one code in eight leads to sizes around powers of two, and one
    /// in thirty-two to sizes near `isize::MAX`.
    fn size(&mut self) -> usize {
        let code = self.byte();
        match code {
            0..192 => code,
            192..216 => self.word() % 4096,
            216..248 => around(code - 216, self.byte()),
            _ => isize::MAX as usize - self.word(),
        }
    }

    /// 1 to 4,096; half of the codes are 8.
    fn align(&mut self) -> usize {
        let code = self.byte();
        if code < 128 { 8 } else { 1 << (code % 13) }
    }

    fn new_align(&mut self) -> Option<usize> {
        let code = self.byte();
        (code >= 192).then(|| 1 << (code % 13))
    }

    fn op(&mut self) -> Op {
        match self.byte() % 10 {
            0..3 => Op::Allocate {
                size: self.size(),
                align: self.align(),
            },
            3 => Op::AllocateZeroed {
                size: self.size(),
                align: self.align(),
            },
            4..6 => Op::Deallocate { which: self.byte() },
            6 => Op::ResizeInPlace {
                which: self.byte(),
                to: self.size(),
            },
            7 => Op::Grow {
                which: self.byte(),
                by: self.size(),
                align: self.new_align(),
            },
            8 => Op::GrowZeroed {
                which: self.byte(),
                by: self.size(),
                align: self.new_align(),
            },
            _ => Op::Shrink {
                which: self.byte(),
                to: self.size(),
                align: self.new_align(),
            },
        }
    }
}

/// A size less than 16 from `2^exponent`.
fn around(exponent: usize, delta: usize) -> usize {
    (1 << exponent as u32).max(16_usize) + delta % 32 - 16
}

pub(super) fn decode(bytes: &[u8]) -> Vec<Op> {
    let mut reader = Reader { bytes };
    let mut ops = Vec::new();
    while !reader.bytes.is_empty() && ops.len() < MAX_OPS {
        ops.push(reader.op());
    }
    ops
}
