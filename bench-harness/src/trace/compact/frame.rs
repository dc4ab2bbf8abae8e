//! A frame: up to 65,536 calls that are compressed together and can be decoded alone.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::MAX_FRAME_OPS;

/// Bytes of a frame's header.
pub(super) const HEADER_LEN: usize = 32;

/// The longest that the calls of a frame can be before compression: two varints each.
const MAX_FULL_LEN: usize = MAX_FRAME_OPS * 20;

/// What stands before the calls of a frame. All numbers are little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// Calls in this frame; 0 marks the end of the trace.
    pub n_ops: u32,
    /// Bytes of the compressed calls.
    pub packed_len: u32,
    /// Bytes of the calls before compression.
    pub full_len: u32,
    /// Calls in the frames before.
    pub first_op: u64,
    /// Allocations in the frames before: the id of the next block.
    pub first_block: u64,
}

impl Header {
    fn fields(&self) -> [u8; 28] {
        let mut bytes = [0; 28];
        bytes[0..4].copy_from_slice(&self.n_ops.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.packed_len.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.full_len.to_le_bytes());
        bytes[12..20].copy_from_slice(&self.first_op.to_le_bytes());
        bytes[20..28].copy_from_slice(&self.first_block.to_le_bytes());
        bytes
    }

    fn parse(bytes: &[u8; HEADER_LEN]) -> (Self, u32) {
        let u32_at = |at: usize| u32::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
        let u64_at = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
        let header = Self {
            n_ops: u32_at(0),
            packed_len: u32_at(4),
            full_len: u32_at(8),
            first_op: u64_at(12),
            first_block: u64_at(20),
        };
        (header, u32_at(28))
    }

    /// The checksum of the header's fields and the compressed calls.
    fn checksum(&self, packed: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&self.fields());
        hasher.update(packed);
        hasher.finalize()
    }
}

/// Appends a frame of `n_ops` calls, given as varints.
pub(super) fn put(out: &mut Vec<u8>, n_ops: usize, first_op: u64, first_block: u64, calls: &[u8]) {
    let packed = if n_ops == 0 {
        Vec::new()
    } else {
        deflate(calls)
    };
    let header = Header {
        n_ops: n_ops as u32,
        packed_len: packed.len() as u32,
        full_len: calls.len() as u32,
        first_op,
        first_block,
    };
    out.extend_from_slice(&header.fields());
    out.extend_from_slice(&header.checksum(&packed).to_le_bytes());
    out.extend_from_slice(&packed);
}

fn deflate(calls: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(calls).and_then(|()| encoder.finish());
    packed.expect("writing to memory does not fail")
}

/// Why a frame cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoFrame {
    /// The input ends before the frame does.
    CutShort,
    /// The frame is not what its writer wrote.
    Damaged(&'static str),
}

/// Takes a frame from the front of `input`: its header and its calls as varints.
pub(super) fn take(input: &mut &[u8]) -> Result<(Header, Vec<u8>), NoFrame> {
    let (head, rest) = input.split_first_chunk().ok_or(NoFrame::CutShort)?;
    let (header, checksum) = Header::parse(head);
    if header.n_ops as usize > MAX_FRAME_OPS || header.full_len as usize > MAX_FULL_LEN {
        return Err(NoFrame::Damaged("its header is out of range"));
    }
    let packed = rest
        .get(..header.packed_len as usize)
        .ok_or(NoFrame::CutShort)?;
    if header.checksum(packed) != checksum {
        return Err(NoFrame::Damaged("its checksum does not match"));
    }
    *input = &rest[packed.len()..];
    Ok((header, inflate(packed, header.full_len as usize)?))
}

fn inflate(packed: &[u8], full_len: usize) -> Result<Vec<u8>, NoFrame> {
    let mut calls = Vec::with_capacity(full_len);
    if packed.is_empty() && full_len == 0 {
        return Ok(calls);
    }
    let mut decoder = DeflateDecoder::new(packed).take(full_len as u64 + 1);
    match decoder.read_to_end(&mut calls) {
        Ok(n) if n == full_len => Ok(calls),
        _ => Err(NoFrame::Damaged("it does not decompress to its length")),
    }
}
