//! Who takes part: what a whole program can run on.

use std::alloc::{GlobalAlloc, Layout};

use anyhow::{Result, bail};

use crate::allocators::{Entry, Memory, Role};
use crate::memory::Room;

/// The allocator that threads share as `mmap-backed`.
const SAME_AS_MMAP_BACKED: &str = "mmap-global";

/// Those of `entries` that are global allocators.
///
/// # Errors
///
/// One that was asked for by its name is none.
pub(crate) fn subjects(entries: Vec<Entry>, are_named: bool) -> Result<Vec<Entry>> {
    let is_subject = |entry: &Entry| entry.memory == Memory::System;
    if let Some(other) = entries.iter().find(|entry| are_named && !is_subject(entry)) {
        bail!(
            "`{}` works in memory that it is given; --global compares allocators that a whole \
             program runs on",
            other.name
        );
    }
    let is_usual = |entry: &Entry| entry.role != Role::Control && entry.name != SAME_AS_MMAP_BACKED;
    let is_wanted = |entry: &Entry| is_subject(entry) && (are_named || is_usual(entry));
    Ok(entries.into_iter().filter(is_wanted).collect())
}

/// Bytes of the block that [`Nothing`] hands out: the largest request of a timed row, and some.
pub(crate) const LONGEST: usize = 9 << 20;

/// The same block for everybody: what a row takes beside its allocator.
#[derive(Debug)]
pub(crate) struct Nothing(*mut u8);

impl Nothing {
    /// The block at the start of the room, which has [`LONGEST`] bytes at least.
    pub(crate) fn new(room: &mut Room) -> Self {
        Self(room.region().at_offset(0))
    }
}

// SAFETY: the value is an address; what lies there is for the caller to see to.
unsafe impl Sync for Nothing {}
// SAFETY: as above.
unsafe impl Send for Nothing {}

// SAFETY: the block is long and aligned enough, and the timed rows of one thread that are run on it read
// nothing back from their blocks: see `Row::reads_back`.
unsafe impl GlobalAlloc for Nothing {
    #[inline]
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        self.0
    }

    #[inline]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    #[inline]
    unsafe fn alloc_zeroed(&self, _: Layout) -> *mut u8 {
        self.0
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, _: Layout, _: usize) -> *mut u8 {
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::select::{Peers, Wishes};

    fn names(allocators: &[&str], peers: Peers) -> Result<Vec<&'static str>> {
        let wishes = Wishes {
            allocators: allocators.iter().map(ToString::to_string).collect(),
            peers,
            ..Wishes::default()
        };
        let subjects = subjects(wishes.allocators()?, !allocators.is_empty())?;
        Ok(subjects.iter().map(|entry| entry.name).collect())
    }

    #[test]
    fn global_allocators_take_part_and_each_is_there_once() {
        let rust = names(&[], Peers::Rust).unwrap();
        assert_eq!(rust[..3], ["mmap-backed", "thread-cached", "libc"]);
        assert!(
            rust.contains(&"rusty_alloc") && !rust.contains(&"talc"),
            "{rust:?}"
        );
        assert!(!rust.contains(&"libc-again"), "{rust:?}");
    }

    #[test]
    fn a_fixed_heap_that_is_named_is_refused() {
        let error = names(&["libc", "talc"], Peers::None).unwrap_err();
        assert!(
            error.to_string().contains("`talc` works in memory"),
            "{error}"
        );
        assert_eq!(names(&["libc-again"], Peers::None).unwrap(), ["libc-again"]);
    }
}
