//! The index at the end of a file: the place of each frame.

use std::io::{Read, Seek, SeekFrom};

use super::record::{self, Content, Header, Kind, NoRecord};

/// The last bytes of a whole file, after the index's offset.
pub(super) const END: [u8; 8] = *b"ALLOCEND";

/// Bytes after the last record.
pub(super) const TRAILER_LEN: usize = 16;

const ENTRY_LEN: usize = 32;

/// The entry of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The start of its record, in bytes from the start of the file.
    pub offset: u64,
    /// The number of calls before it.
    pub first_op: u64,
    /// The number of allocations before it.
    pub first_block: u64,
    /// The start of the record of the blocks that are live before it; 0 if there is none.
    pub live: u64,
}

/// Encodes the content of an index record.
pub(super) fn put(entries: &[Entry]) -> Vec<u8> {
    let numbers = entries
        .iter()
        .flat_map(|entry| [entry.offset, entry.first_op, entry.first_block, entry.live]);
    numbers.flat_map(u64::to_le_bytes).collect()
}

/// Returns the bytes after an index that begins at `offset`.
pub(super) fn trailer(offset: u64) -> [u8; TRAILER_LEN] {
    let mut bytes = [0; TRAILER_LEN];
    bytes[..8].copy_from_slice(&offset.to_le_bytes());
    bytes[8..].copy_from_slice(&END);
    bytes
}

/// Reads the index of a file; `None` if there is none, or it is damaged.
pub(super) fn load(file: &mut (impl Read + Seek)) -> Result<Option<Vec<Entry>>, NoRecord> {
    let record = find(file)?;
    Ok(record.and_then(|(header, content)| take(&content.full, header.n_items)))
}

/// Returns the number of calls that a file has by its index.
pub(super) fn end(file: &mut (impl Read + Seek)) -> Result<Option<u64>, NoRecord> {
    Ok(find(file)?.map(|(header, _)| header.first_op))
}

fn find(file: &mut (impl Read + Seek)) -> Result<Option<(Header, Content)>, NoRecord> {
    if file.seek(SeekFrom::End(0))? < TRAILER_LEN as u64 {
        return Ok(None);
    }
    file.seek(SeekFrom::End(-(TRAILER_LEN as i64)))?;
    let mut bytes = [0; TRAILER_LEN];
    record::fill(file, &mut bytes)?;
    let offset = u64::from_le_bytes(core::array::from_fn(|i| bytes[i]));
    if bytes != trailer(offset) {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(offset))?;
    let mut content = Content::default();
    match record::take(file, &mut content) {
        Ok(header) if header.kind == Kind::Index => Ok(Some((header, content))),
        Err(NoRecord::Io(error)) => Err(error.into()),
        _ => Ok(None),
    }
}

/// Decodes the entries of an index record, in the order of their calls; `None` if the record is garbled.
pub(super) fn take(content: &[u8], n: u32) -> Option<Vec<Entry>> {
    let u64_at =
        |entry: &[u8], at: usize| u64::from_le_bytes(core::array::from_fn(|i| entry[at * 8 + i]));
    let entries = content.chunks_exact(ENTRY_LEN).map(|entry| Entry {
        offset: u64_at(entry, 0),
        first_op: u64_at(entry, 1),
        first_block: u64_at(entry, 2),
        live: u64_at(entry, 3),
    });
    let entries: Vec<Entry> = entries.collect();
    let is_sorted = entries.is_sorted_by(|one, next| one.first_op < next.first_op);
    (is_sorted && content.len() == n as usize * ENTRY_LEN).then_some(entries)
}
