//! Three allocators that do nothing: what a replay costs without one.
//!
//! The empty allocator returns the same block again and again: what is left is the loop alone,
//! which reads the script and keeps the slots.
//!
//! The null allocator hands out addresses that were worked out beforehand, those that talc chose
//! for the same script: the blocks lie about memory as those of a real allocator do, and the
//! caches see the same pattern. It is the loop and touching the blocks. Both are printed next to
//! every time, and neither is subtracted from any.
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

/// Returns the same block to everybody.
#[derive(Debug)]
struct Empty(NonNull<u8>);

impl Empty {
    #[inline]
    fn hand_out(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Ok(NonNull::slice_from_raw_parts(self.0, layout.size()))
    }
}

// SAFETY: none for two blocks at a time: the loop writes and reads the first byte of each, which
// is in the room, and believes nothing of what it reads. It is for timing only.
unsafe impl Allocator for Empty {
    #[inline]
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.hand_out(layout)
    }

    #[inline]
    unsafe fn deallocate(&mut self, _block: NonNull<u8>, _layout: Layout) {}

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

/// An allocator that does nothing, as a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NullSubject {
    /// The same block for everybody.
    Empty,
    /// The addresses of a recording.
    Addresses,
    /// The same, and a visit to the block's boundary tags.
    Tags,
}

impl NullSubject {
    /// Replays `script` on a recording of talc's addresses.
    fn time_on_addresses<const TAGS: bool>(
        room: &mut Room,
        script: &Script,
        passes: u32,
        limit: Duration,
    ) -> Timed {
        let mut slots = Slots::new(script);
        let mut recording = Recording {
            inner: talc(room.region()),
            addresses: Vec::with_capacity(script.steps.len()),
        };
        let recorded = replay(&mut recording, script, &mut slots, limit);
        time_passes(passes, recorded.checksum, || {
            let next = recording.addresses.iter();
            replay(&mut Null::<TAGS> { next }, script, &mut slots, limit)
        })
    }

    fn time_empty(room: &mut Room, script: &Script, passes: u32, limit: Duration) -> Timed {
        let mut slots = Slots::new(script);
        let block = room.region().base();
        time_passes(passes, script.checksum, || {
            replay(&mut Empty(block), script, &mut slots, limit)
        })
    }
}

/// Adds up the times of `passes` replays. These allocators keep no content, so that the bytes read
/// back mean nothing: `checksum` stands for them.
fn time_passes(passes: u32, checksum: u64, mut pass: impl FnMut() -> Outcome) -> Timed {
    let before = page_faults();
    let mut outcome = pass();
    for _ in 1..passes {
        let nanos = outcome.nanos;
        outcome = pass();
        outcome.nanos += nanos;
    }
    Timed {
        outcome: Outcome {
            checksum,
            ..outcome
        },
        passes,
        page_faults: page_faults() - before,
    }
}

impl Subject for NullSubject {
    fn time(&self, room: &mut Room, script: &Script, passes: u32, limit: Duration) -> Timed {
        match self {
            Self::Empty => Self::time_empty(room, script, passes, limit),
            Self::Addresses => Self::time_on_addresses::<false>(room, script, passes, limit),
            Self::Tags => Self::time_on_addresses::<true>(room, script, passes, limit),
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
