//! A record: a header with a checksum, and compressed content.

use std::io::{self, Read, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status};

/// Bytes of a record's header.
pub(super) const HEADER_LEN: usize = 36;

/// The highest compression ratio of any content.
const MAX_RATIO: u64 = 1032;

/// The kind of a record's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Calls.
    Calls,
    /// The blocks that are live before the next calls.
    Live,
    /// The places of the frames.
    Index,
}

impl Kind {
    fn tag(self) -> [u8; 4] {
        match self {
            Self::Calls => *b"CALL",
            Self::Live => *b"LIVE",
            Self::Index => *b"INDX",
        }
    }

    fn of(tag: [u8; 4]) -> Option<Self> {
        [Self::Calls, Self::Live, Self::Index]
            .into_iter()
            .find(|kind| kind.tag() == tag)
    }
}

/// The header before the content of a record. All numbers are little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The kind of the content.
    pub kind: Kind,
    /// The number of calls, live blocks or frames.
    pub n_items: u32,
    /// Bytes of the compressed content.
    pub packed_len: u32,
    /// Bytes of the content before compression.
    pub full_len: u32,
    /// Calls in the frames before.
    pub first_op: u64,
    /// Allocations in the frames before: the id of the next block.
    pub first_block: u64,
}

impl Header {
    fn fields(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[0..4].copy_from_slice(&self.kind.tag());
        bytes[4..8].copy_from_slice(&self.n_items.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.packed_len.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.full_len.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.first_op.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.first_block.to_le_bytes());
        bytes
    }

    /// Decodes the header and its checksum; `None` if its tag is not known.
    fn parse(bytes: &[u8; HEADER_LEN]) -> Option<(Self, u32)> {
        let u32_at = |at: usize| u32::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
        let u64_at = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| bytes[at + i]));
        let header = Self {
            kind: Kind::of([bytes[0], bytes[1], bytes[2], bytes[3]])?,
            n_items: u32_at(4),
            packed_len: u32_at(8),
            full_len: u32_at(12),
            first_op: u64_at(16),
            first_block: u64_at(24),
        };
        Some((header, u32_at(32)))
    }

    /// Returns the checksum of the header's fields and the compressed content.
    fn checksum(&self, packed: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&self.fields());
        hasher.update(packed);
        hasher.finalize()
    }

    /// Returns the bytes of the whole record.
    pub(super) fn record_len(&self) -> u64 {
        HEADER_LEN as u64 + u64::from(self.packed_len)
    }
}

/// Writes a record and returns its bytes. Sets the header's lengths.
pub(super) fn put(out: &mut impl Write, mut header: Header, content: &[u8]) -> io::Result<u64> {
    let packed = deflate(content)?;
    header.packed_len = len(&packed)?;
    header.full_len = len(content)?;
    out.write_all(&header.fields())?;
    out.write_all(&header.checksum(&packed).to_le_bytes())?;
    out.write_all(&packed)?;
    Ok(header.record_len())
}

fn len(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::FileTooLarge.into())
}

fn deflate(content: &[u8]) -> io::Result<Vec<u8>> {
    if content.is_empty() {
        return Ok(Vec::new());
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

/// The reason why a record cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoRecord {
    /// The input ends before the record does.
    #[error("the input ends")]
    CutShort,
    /// The record is not what its writer wrote.
    #[error("{0}")]
    Damaged(&'static str),
    /// The input cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The content of a record. All records share its memory, one after the other.
#[derive(Debug, Default)]
pub(super) struct Content {
    packed: Vec<u8>,
    /// The content before compression.
    pub full: Vec<u8>,
}

/// Reads a record from `input`: returns its header, and puts its content into `content`.
pub(super) fn take(input: &mut impl Read, content: &mut Content) -> Result<Header, NoRecord> {
    let mut head = [0; HEADER_LEN];
    fill(input, &mut head)?;
    let (header, checksum) =
        Header::parse(&head).ok_or(NoRecord::Damaged("its kind is not known"))?;
    let Content { packed, full } = content;
    packed.clear();
    let packed_len = u64::from(header.packed_len);
    if input.take(packed_len).read_to_end(packed)? as u64 != packed_len {
        return Err(NoRecord::CutShort);
    }
    if header.checksum(packed) != checksum {
        return Err(NoRecord::Damaged("its checksum does not match"));
    }
    match inflate(packed, header.full_len, full) {
        true => Ok(header),
        false => Err(NoRecord::Damaged("it does not decompress to its length")),
    }
}

/// Reads exactly as many bytes as fit in `room`.
pub(super) fn fill(input: &mut impl Read, room: &mut [u8]) -> Result<(), NoRecord> {
    input.read_exact(room).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => NoRecord::CutShort,
        _ => NoRecord::Io(error),
    })
}

/// Decompresses `packed` into `full`; returns false if the result is not `full_len` bytes.
fn inflate(packed: &[u8], full_len: u32, full: &mut Vec<u8>) -> bool {
    full.clear();
    if packed.is_empty() && full_len == 0 {
        return true;
    }
    if u64::from(full_len) > packed.len() as u64 * MAX_RATIO {
        return false;
    }
    full.reserve_exact(full_len as usize);
    let mut decoder = Decompress::new(false);
    let status = decoder.decompress_vec(packed, full, FlushDecompress::Finish);
    matches!(status, Ok(Status::StreamEnd))
        && full.len() == full_len as usize
        && decoder.total_in() == packed.len() as u64
}
