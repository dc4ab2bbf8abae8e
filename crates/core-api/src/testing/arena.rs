//! The memory for allocators under test.

use core::ptr::NonNull;
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

use super::{Failure, Verdict};
use crate::Region;

/// The number of bytes on either side of every region that must not change.
const GUARD: usize = 4096;

/// The byte that fills the guards, and the byte that makes regions dirty.
const GUARD_BYTE: u8 = 0xFD;
const DIRTY_BYTE: u8 = 0xD0;

/// The largest distance of a region's start from an OS page's.
pub(super) const MAX_SKEW: usize = 4096;

/// Memory for one region at a time, with guards around it.
///
/// The arena owns its memory by a raw pointer and never borrows it as a slice: a reference to bytes that an
/// allocator hands out would be undefined behaviour of the harness itself.
pub(super) struct Arena {
    base: NonNull<u8>,
    layout: Layout,
}

impl Arena {
    /// Allocates an arena for regions of up to `len` bytes.
    ///
    /// # Panics
    ///
    /// If `len` forms no layout.
    pub(super) fn new(len: usize) -> Self {
        let layout = Layout::from_size_align(len + 2 * GUARD + MAX_SKEW, 4096)
            .expect("the heap length forms a layout");
        // SAFETY: the layout's size is not zero, because the guards have bytes.
        let base = unsafe { alloc(layout) };
        let Some(base) = NonNull::new(base) else {
            handle_alloc_error(layout);
        };
        Self { base, layout }
    }

    /// Returns a region of `len` bytes that starts `skew` bytes past the start of an OS page. Its bytes
    /// are not zero.
    ///
    /// # Panics
    ///
    /// If `len` or `skew` is more than the arena was made for.
    pub(super) fn region(&self, skew: usize, len: usize) -> Region {
        assert!(skew <= MAX_SKEW && len + 2 * GUARD + MAX_SKEW <= self.layout.size());
        // SAFETY: guard, skew, region and guard lie inside the arena (asserted). Only one region is in use at a
        // time: a lab drops the allocator before it asks for the next region.
        unsafe {
            let start = self.base.add(GUARD + skew);
            start.sub(GUARD).write_bytes(GUARD_BYTE, GUARD);
            start.write_bytes(DIRTY_BYTE, len);
            start.add(len).write_bytes(GUARD_BYTE, GUARD);
            Region::new(start, len)
        }
    }

    /// Checks that the allocator has not written next to `region`, which is the last region returned.
    pub(super) fn guards_hold(&self, region: Region) -> Verdict {
        for distance in 1..=GUARD {
            // SAFETY: both guards lie inside the arena, and `Arena::region` has written them.
            let (before, after) = unsafe {
                let after = region.base().add(region.len() + distance - 1);
                (region.base().sub(distance).read(), after.read())
            };
            if before != GUARD_BYTE || after != GUARD_BYTE {
                let side = if before != GUARD_BYTE {
                    "before"
                } else {
                    "after"
                };
                return Err(Failure::new(std::format!(
                    "a byte was written {distance} bytes {side} the region"
                )));
            }
        }
        Ok(())
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: `new` allocated the memory with the same layout.
        unsafe { dealloc(self.base.as_ptr(), self.layout) };
    }
}
