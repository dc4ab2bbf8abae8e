//! Decodes any bytes as a program, for fuzzers.

use std::vec::Vec;

use super::Op;

/// The longest program: longer ones only slow a fuzzer down.
const MAX_OPS: usize = 1024;

/// Reads bytes; past the end it returns zeros.
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

    /// Reads a size. Most codes are small sizes; one code in eight leads to sizes around powers of two, and
    /// one in thirty-two to sizes near `isize::MAX`.
    fn size(&mut self) -> usize {
        let code = self.byte();
        match code {
            0..192 => code,
            192..216 => self.word() % 4096,
            216..248 => around(code - 216, self.byte()),
            _ => isize::MAX as usize - self.word(),
        }
    }

    /// Reads an alignment from 1 to 4,096; half of the codes mean 8.
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

/// Returns a size at most 16 away from `2^exponent`, or from 16 if that is larger.
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
