//! The kit names the provided method that an allocator forgot to override.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::align::{padding, round_up};
use core_api::testing::Contract;
use core_api::{AllocError, Allocator, Reclaims, Region};

const GRANULE: usize = 8;

/// First fit over a list of free pieces, outside the heap. Of used blocks there is no record at all:
/// the layout says how long one is.
struct Pieces {
    region: Region,
    /// Start and end of each, by address.
    free: Vec<(usize, usize)>,
}

fn granules(layout: Layout) -> usize {
    round_up(layout.size().max(1), GRANULE)
}

impl Pieces {
    fn new(region: Region) -> Self {
        let start = region.start() + padding(region.start(), GRANULE).min(region.len());
        let end = start + (region.end() - start) / GRANULE * GRANULE;
        let free = vec![(start, end)];
        Self { region, free }
    }

    fn block(&self, start: usize, len: usize) -> NonNull<[u8]> {
        let first = NonNull::new(self.region.at(start)).expect("heap addresses are not null");
        NonNull::slice_from_raw_parts(first, len)
    }

    fn take(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let size = granules(layout);
        let place = |&(start, end): &(usize, usize)| {
            let from = start.checked_add(padding(start, layout.align()))?;
            (from.checked_add(size)? <= end).then_some(from)
        };
        let (index, from) = (self.free.iter().enumerate())
            .find_map(|(index, piece)| Some((index, place(piece)?)))
            .ok_or(AllocError)?;
        let (start, end) = self.free.remove(index);
        self.give(from + size, end);
        self.give(start, from);
        Ok(self.block(from, size))
    }

    /// Takes the bytes back and merges them with their neighbours.
    fn give(&mut self, start: usize, end: usize) {
        if start == end {
            return;
        }
        let index = self.free.partition_point(|&(other, _)| other < start);
        self.free.insert(index, (start, end));
        self.free.dedup_by(|next, before| {
            let touch = before.1 == next.0;
            if touch {
                before.1 = next.1;
            }
            touch
        });
    }

    fn release(&mut self, block: NonNull<u8>, layout: Layout) {
        let start = block.addr().get();
        self.give(start, start + granules(layout));
    }
}

/// Overrides what it must.
struct Complete(Pieces);

// SAFETY: blocks are pieces of the region that are on no list.
unsafe impl Allocator for Complete {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.take(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        self.0.release(block, layout);
    }

    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let (start, old) = (block.addr().get(), granules(old));
        let new = round_up(new_size.max(1), GRANULE);
        if new > old {
            return Err(AllocError);
        }
        self.0.give(start + new, start + old);
        Ok(self.0.block(start, new))
    }
}

/// Forgets `resize_in_place`: what is cut off by a shrink is on no list, and in no layout.
struct Forgetful(Pieces);

// SAFETY: as for `Complete`.
unsafe impl Allocator for Forgetful {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.take(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        self.0.release(block, layout);
    }
}

/// A wrapper that forwards only what the trait asks for.
struct Wrapper(Complete);

// SAFETY: the blocks are the inner allocator's.
unsafe impl Allocator for Wrapper {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: passed on.
        unsafe { self.0.deallocate(block, layout) }
    }
}

/// Never frees, and does not say so.
struct Hoarder(Pieces);

// SAFETY: as for `Complete`.
unsafe impl Allocator for Hoarder {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.take(layout)
    }

    unsafe fn deallocate(&mut self, _: NonNull<u8>, _: Layout) {}
}

/// Never frees, and says so.
struct Arena(Pieces);

// SAFETY: as for `Complete`.
unsafe impl Allocator for Arena {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.take(layout)
    }

    unsafe fn deallocate(&mut self, _: NonNull<u8>, _: Layout) {}

    fn reclaims(&self) -> Reclaims {
        Reclaims::Nothing
    }
}

/// Resizes in place and forgets that `shrink` was overridden with a copy that frees too little.
struct ShrinkLeaks(Complete);

// SAFETY: as for `Complete`.
unsafe impl Allocator for ShrinkLeaks {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: passed on.
        unsafe { self.0.deallocate(block, layout) }
    }

    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        // SAFETY: passed on.
        unsafe { self.0.resize_in_place(block, old, new_size) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        _: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if !block.addr().get().is_multiple_of(new.align()) {
            return Err(AllocError);
        }
        Ok(NonNull::slice_from_raw_parts(block, granules(new)))
    }
}

/// What the kit says of an allocator: the first broken promise.
fn verdict<A: Allocator>(make: fn(Region) -> A) -> String {
    let contract = Contract::new("theirs", make).cases(16);
    let failure = contract.try_run().expect_err("something is forgotten");
    failure.to_string()
}

#[track_caller]
fn says(verdict: &str, all: &[&str]) {
    for part in all {
        assert!(verdict.contains(part), "no \"{part}\" in: {verdict}");
    }
}

#[test]
fn an_allocator_that_derives_sizes_from_layouts_and_overrides_what_it_must_passes() {
    Contract::new("complete", |region| Complete(Pieces::new(region)))
        .cases(16)
        .run();
}

#[test]
fn an_arena_that_says_so_passes() {
    Contract::new("arena", |region| Arena(Pieces::new(region)))
        .cases(16)
        .run();
}

#[test]
fn resize_in_place_was_forgotten() {
    let verdict = verdict(|region| Forgetful(Pieces::new(region)));
    let which = "resize_in_place from 8000 to 10 bytes";
    says(
        &verdict,
        &[
            "recovery of resized blocks",
            which,
            "override `resize_in_place`",
        ],
    );
}

#[test]
fn a_wrapper_forgot_to_forward() {
    let verdict = verdict(|region| Wrapper(Complete(Pieces::new(region))));
    says(
        &verdict,
        &[
            "override `resize_in_place`",
            "a wrapper forwards every method",
        ],
    );
}

#[test]
fn shrink_is_named_where_it_is_at_fault() {
    let verdict = verdict(|region| ShrinkLeaks(Complete(Pieces::new(region))));
    says(
        &verdict,
        &["shrink from 8000 to 10 bytes", "override `shrink`"],
    );
}

#[test]
fn reclaims_was_forgotten() {
    let verdict = verdict(|region| Hoarder(Pieces::new(region)));
    says(
        &verdict,
        &["`reclaims` says Everything", "must override it"],
    );
}
