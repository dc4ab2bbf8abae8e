//! The memory of a fixed-heap allocator: mapped, touched and aligned before anything is timed.

use std::io;
use std::ptr::{NonNull, null_mut};

use core_api::{Region, align};

/// Bytes of an OS page, asked once a call: nothing here is timed.
pub fn page_len() -> usize {
    // SAFETY: `sysconf` takes any name.
    let len = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(len).unwrap_or(4096)
}

/// A private anonymous mapping whose usable part is prefaulted; unmapped on drop.
#[derive(Debug)]
struct Mapping {
    base: NonNull<u8>,
    mapped: usize,
    region: Region,
}

impl Mapping {
    /// `len` bytes at a multiple of the power of two that is not below `len`, all pages touched.
    ///
    /// The alignment is for the buddy peer, which cuts a heap at aligned addresses and would look
    /// worse elsewhere; to the others it makes no difference.
    fn new(len: usize) -> io::Result<Self> {
        let align = len.next_power_of_two().max(page_len());
        let mapped = len.checked_add(align).ok_or(io::ErrorKind::OutOfMemory)?;
        let base = map(mapped)?;
        let offset = align::padding(base.addr().get(), align);
        // SAFETY: `offset < align`, so `offset + len` bytes lie in the mapping, which is ours.
        let region = unsafe { Region::new(base.add(offset), len) };
        touch(region);
        Ok(Self {
            base,
            mapped,
            region,
        })
    }
}

/// Maps `len` bytes that cost no memory until they are touched.
fn map(len: usize) -> io::Result<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a new mapping at an address of the kernel's choice.
    let base = unsafe { libc::mmap(null_mut(), len, access, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    NonNull::new(base.cast()).ok_or_else(|| io::ErrorKind::OutOfMemory.into())
}

/// Writes a byte to every page, the first one last: what an allocator hands out first is in the caches
/// then, as it is for the arenas that begin at the other end and touch their chunk themselves.
fn touch(region: Region) {
    for offset in (0..region.len()).step_by(page_len()).rev() {
        // SAFETY: `offset` lies in the region; volatile, so that the write is not left out.
        unsafe { region.at_offset(offset).write_volatile(0) };
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped in `new` with this length; the allocators on it are gone.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.mapped) };
    }
}

/// The room that an allocator gets: so many bytes, mapped when it first asks for a region.
///
/// Allocators that bring their own memory never ask, and cost no mapping.
#[derive(Debug)]
pub struct Room {
    len: usize,
    mapping: Option<Mapping>,
    given: Option<Region>,
    is_used: bool,
}

impl Room {
    /// Room of `len` bytes.
    pub const fn new(len: usize) -> Self {
        Self {
            len,
            mapping: None,
            given: None,
            is_used: false,
        }
    }

    /// Room in a region that somebody else owns, for as long as that lives.
    pub const fn given(region: Region) -> Self {
        Self {
            len: region.len(),
            mapping: None,
            given: Some(region),
            is_used: false,
        }
    }

    /// Bytes of room.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no room at all.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether anybody has asked for its memory.
    pub const fn is_used(&self) -> bool {
        self.is_used
    }

    /// Makes the room `len` bytes long. The memory under it is kept where it is long enough.
    pub fn resize(&mut self, len: usize) {
        self.len = len;
    }

    /// The room's memory; each call is a promise that the allocator of the last one is gone.
    ///
    /// # Panics
    ///
    /// If the operating system has no memory: there is nothing to measure then.
    pub fn region(&mut self) -> Region {
        self.is_used = true;
        if let Some(region) = self.given {
            return region;
        }
        let mapped = self.mapping.take_if(|old| old.region.len() < self.len);
        drop(mapped);
        let len = self.len;
        let mapping = self.mapping.get_or_insert_with(|| {
            Mapping::new(len).unwrap_or_else(|e| panic!("cannot map a heap of {len} bytes: {e}"))
        });
        let whole = mapping.region;
        whole.split_at(len).map_or(whole, |(room, _)| room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_aligned_to_its_power_of_two_and_shrinks_in_place() {
        let mut room = Room::new(3 << 20);
        let first = room.region();
        assert_eq!(first.len(), 3 << 20);
        assert!(align::is_aligned(first.start(), 4 << 20));
        room.resize(1 << 20);
        let second = room.region();
        assert_eq!((second.start(), second.len()), (first.start(), 1 << 20));
    }
}
