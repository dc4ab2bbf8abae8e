//! The header before the first record: magic, version, columns, provenance.

use std::io::Read;

use super::record::{self, NoRecord};
use super::{MAGIC, VERSION, columns};
use crate::{Cause, ColumnSet, Provenance};

/// Encodes a header.
pub(super) fn put(provenance: &Provenance, set: ColumnSet) -> Vec<u8> {
    let json = serde_json::to_vec(provenance).expect("provenance is plain data");
    let mut out = MAGIC.to_vec();
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&columns::flags(set).to_le_bytes());
    out.extend_from_slice(&(json.len() as u32).to_le_bytes());
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&out);
    hasher.update(&json);
    out.extend_from_slice(&hasher.finalize().to_le_bytes());
    out.extend_from_slice(&json);
    out
}

/// Reads a header; returns the columns, the provenance, and the header's length.
pub(super) fn take(input: &mut impl Read) -> Result<(ColumnSet, Provenance, u64), Cause> {
    let mut fixed = Vec::new();
    input.take(FIXED_LEN as u64).read_to_end(&mut fixed)?;
    if !is_compact(&fixed) {
        return Err(Cause::NotATrace);
    }
    let fixed: [u8; FIXED_LEN] = fixed.try_into().map_err(|_| Cause::Header(CUT))?;
    let version = u16::from_le_bytes([fixed[8], fixed[9]]);
    if version != VERSION {
        return Err(Cause::Version(version));
    }
    let flags = u16::from_le_bytes([fixed[10], fixed[11]]);
    let set = columns::set(flags).ok_or(Cause::Flags(flags))?;
    let len = u64::from(u32::from_le_bytes(core::array::from_fn(|i| fixed[12 + i])));
    let checksum = take_checksum(input)?;
    let mut json = Vec::new();
    if input.take(len).read_to_end(&mut json)? as u64 != len {
        return Err(Cause::Header(CUT));
    }
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&fixed);
    hasher.update(&json);
    if hasher.finalize() != checksum {
        return Err(Cause::Header("its checksum does not match"));
    }
    let provenance = serde_json::from_slice(&json)
        .map_err(|_| Cause::Header("the provenance is not valid JSON"))?;
    Ok((set, provenance, FIXED_LEN as u64 + 4 + len))
}

/// Returns true if a file begins like a compact trace, or was cut within the magic bytes.
pub(crate) fn is_compact(bytes: &[u8]) -> bool {
    !bytes.is_empty() && (bytes.starts_with(&MAGIC) || MAGIC.starts_with(bytes))
}

/// Bytes of the header before its checksum; the provenance follows the checksum.
const FIXED_LEN: usize = 16;

const CUT: &str = "the file ends within it";

fn take_checksum(input: &mut impl Read) -> Result<u32, Cause> {
    let mut bytes = [0; 4];
    match record::fill(input, &mut bytes) {
        Ok(()) => Ok(u32::from_le_bytes(bytes)),
        Err(NoRecord::Io(error)) => Err(Cause::Io(error)),
        Err(_) => Err(Cause::Header(CUT)),
    }
}
