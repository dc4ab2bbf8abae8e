//! The null allocator: hands out addresses that were worked out beforehand.
//!
//! Replaying on it costs what the harness itself costs: reading the script, keeping the slots,
//! touching the blocks. The addresses are those that talc chose for the same script, so that the
//! blocks lie about memory as those of a real allocator do and the caches see the same pattern.
//! It is the control next to every time, and is not subtracted from any.
//!
//! With tags, the control also goes to where boundary tags would be, as any allocator that merges
//! neighbours must: the word before the block and the word after it, the second only when the
//! first is there, since it is the header that says where the next block begins. It does nothing
//! with them, so that what it costs is the memory's doing and not an algorithm's.

use std::alloc::Layout;
use std::hint::black_box;
use std::ptr::NonNull;
use std::time::Duration;

use core_api::testing::Failure;
use core_api::{AllocError, Allocator, HeapStats};

use crate::memory::Room;
use crate::peers::talc;
use crate::process::{Resident, page_faults};
use crate::replay::{Outcome, Slots, Stop, replay};
use crate::script::Script;
use crate::subject::{Subject, Timed};
use crate::verify::{Violation, verify};

/// Hands out the addresses of a recording in turn.
#[derive(Debug)]
struct Null<'a, const TAGS: bool> {
    next: std::slice::Iter<'a, NonNull<u8>>,
}

/// Reads and writes the words on both sides of a block of `len` bytes, one after the other.
#[inline]
fn visit_tags(block: NonNull<u8>, len: usize) {
    // SAFETY: the addresses are talc's: before its first block are its bins, and after each block
    // there is a word of its own. The recording is over, so nobody depends on what is there.
    unsafe {
        let before = block.sub(size_of::<usize>()).cast::<usize>();
        let header = before.read_unaligned();
        // Zero, which neither compiler nor processor knows before the header has been read.
        let zero = header & black_box(0);
        let after = block.add(len + zero).cast::<usize>();
        let next = after.read_unaligned();
        before.write_unaligned(header);
        after.write_unaligned(next);
    }
}

impl<const TAGS: bool> Null<'_, TAGS> {
    #[inline]
    fn hand_out(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = *self.next.next().ok_or(AllocError)?;
        if TAGS {
            visit_tags(block, layout.size());
        }
        Ok(NonNull::slice_from_raw_parts(block, layout.size()))
    }
}

// SAFETY: the addresses are those that a real allocator returned for the same calls in the same
// order, with the same memory under them; it alone is asked for another order. Content is not
// kept across a move, which is why this allocator is for timing only.
unsafe impl<const TAGS: bool> Allocator for Null<'_, TAGS> {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.hand_out(layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        if TAGS {
            visit_tags(block, layout.size());
        }
    }

    #[inline]
    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.hand_out(layout)
    }

    #[inline]
    unsafe fn grow(
        &mut self,
        _block: NonNull<u8>,
        _old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.hand_out(new)
    }

    #[inline]
    unsafe fn shrink(
        &mut self,
        _block: NonNull<u8>,
        _old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.hand_out(new)
    }
}

/// Passes every call on and keeps the addresses that come back.
struct Recording<A> {
    inner: A,
    addresses: Vec<NonNull<u8>>,
}

impl<A> Recording<A> {
    fn keep(
        &mut self,
        block: Result<NonNull<[u8]>, AllocError>,
    ) -> Result<NonNull<[u8]>, AllocError> {
        self.addresses.extend(block.map(NonNull::cast::<u8>));
        block
    }
}

// SAFETY: the blocks are the inner allocator's. The list of addresses grows in the global
// allocator, which the inner one is not.
unsafe impl<A: Allocator> Allocator for Recording<A> {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let block = self.inner.allocate(layout);
        self.keep(block)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.inner.deallocate(block, layout) }
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { self.inner.grow(block, old, new) };
        self.keep(moved)
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: the caller's promise is passed on.
        let moved = unsafe { self.inner.shrink(block, old, new) };
        self.keep(moved)
    }
}

/// The null allocator as a subject: every replay is recorded first.
pub(crate) struct NullSubject<const TAGS: bool>;

impl<const TAGS: bool> Subject for NullSubject<TAGS> {
    fn time(&self, room: &mut Room, script: &Script, passes: u32, limit: Duration) -> Timed {
        let mut slots = Slots::new(script);
        let mut recording = Recording {
            inner: talc(room.region()),
            addresses: Vec::with_capacity(script.steps.len()),
        };
        let recorded = replay(&mut recording, script, &mut slots, limit);
        let mut nanos = 0;
        let mut outcome = recorded;
        let before = page_faults();
        for _ in 0..passes {
            let mut null = Null::<TAGS> {
                next: recording.addresses.iter(),
            };
            outcome = replay(&mut null, script, &mut slots, limit);
            nanos += outcome.nanos;
        }
        // A move keeps the content of no block, so the bytes read back mean nothing.
        outcome.checksum = recorded.checksum;
        Timed {
            outcome: Outcome { nanos, ..outcome },
            passes,
            page_faults: page_faults() - before,
        }
    }

    fn verify(
        &self,
        room: &mut Room,
        script: &Script,
        limit: Duration,
    ) -> Result<Outcome, Violation> {
        verify(&mut talc(room.region()), script, limit)
    }

    fn resident(
        &self,
        _room: &mut Room,
        _script: &Script,
        _limit: Duration,
    ) -> (Resident, Option<Stop>) {
        (Resident::start(), None)
    }

    fn stats_at_peak(&self, _: &mut Room, _: &Script, _: Duration) -> Option<HeapStats> {
        None
    }

    fn state_len(&self) -> usize {
        0
    }

    fn scenarios(&self) -> Vec<&'static str> {
        Vec::new()
    }

    fn conform(&self, _name: &str, _scenario: &str) -> Option<Failure> {
        None
    }
}
