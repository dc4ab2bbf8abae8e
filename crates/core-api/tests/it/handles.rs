//! Handles to a shared allocator: cloned, moved and dropped, also behind the traits of other crates.

use core::alloc::Layout;
use core::cell::Cell;
use core::ptr::NonNull;
use std::rc::Rc;

use crate::honest::Honest;
#[cfg(std_allocator)]
use core_api::Standard;
use core_api::testing::{Api2V02, Api2V03, Api2V04, Contract};
use core_api::{
    AllocError, Allocator, Handle, Local, Reclaims, Region, allocator_api2, forward_allocator,
};

/// A handle that owns its share of the allocator.
#[derive(Clone)]
struct Shared(Rc<Local<Honest>>);

impl Shared {
    fn new(region: Region) -> Self {
        Self(Rc::new(Local::new(Honest::new(region))))
    }
}

// SAFETY: every method calls the inner allocator's own.
unsafe impl Allocator for Shared {
    forward_allocator!(self => &*self.0, &*self.0);
}

// SAFETY: the clones share the allocator, which ends with the last of them.
unsafe impl Handle for Shared {}

allocator_api2! {
    // SAFETY: as for `Handle`.
    unsafe impl[] for Shared { self => &*self.0 }
}

/// Tests handles of one kind, in few cases: the allocator behind them is tested elsewhere.
fn keeps_its_promises<A: Handle>(name: &str, make: fn(Region) -> A) {
    Contract::new(name, make).cases(8).handle().run();
}

#[test]
fn clones_of_a_handle_are_one_allocator() {
    keeps_its_promises("shared", Shared::new);
}

#[test]
fn handles_of_allocator_api2_are_handles() {
    keeps_its_promises("0.2", |region| Api2V02 {
        allocator: Shared::new(region),
        reclaims: Reclaims::Everything,
    });
    keeps_its_promises("0.3", |region| Api2V03 {
        allocator: Shared::new(region),
        reclaims: Reclaims::Everything,
    });
    keeps_its_promises("0.4", |region| Api2V04 {
        allocator: Shared::new(region),
        reclaims: Reclaims::Everything,
    });
}

#[cfg(std_allocator)]
#[test]
fn a_standard_handle_is_a_handle() {
    keeps_its_promises("standard", |region| core_api::testing::Std {
        allocator: Standard(Shared::new(region)),
        reclaims: Reclaims::Everything,
    });
}

#[cfg(std_allocator)]
#[test]
fn standard_collections_live_in_a_heap() {
    let mut bytes = vec![core::mem::MaybeUninit::uninit(); 64 << 10];
    let region = core_api::Source::acquire(&mut core_api::Borrowed::new(&mut bytes), 1);
    let heap = Local::new(Honest::new(region.expect("a region")));
    let used = || heap.inspect(|heap| core_api::Inspect::stats(heap).used);
    let mut squares = Vec::new_in(Standard(&heap));
    squares.extend((0..1000_u64).map(|n| n * n));
    let boxed = Box::new_in([7_u8; 100], Standard(&heap));
    assert!(used() >= 8100);
    squares.truncate(10);
    squares.shrink_to_fit();
    assert_eq!((squares.clone()[9], boxed[99]), (81, 7));
    drop((squares, boxed));
    assert_eq!(used(), 0);
}

/// A handle whose clones take their share of the state with them.
#[derive(Clone)]
struct Forked {
    region: Region,
    used: usize,
}

// SAFETY: none: it is the mistake that the kit finds.
unsafe impl Handle for Forked {}

// SAFETY: blocks lie behind one another, if there is one handle only.
unsafe impl Allocator for Forked {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        place(self.region, layout, self.used).map(|(block, used)| {
            self.used = used;
            block
        })
    }

    unsafe fn deallocate(&mut self, _: NonNull<u8>, _: Layout) {}

    fn reclaims(&self) -> Reclaims {
        Reclaims::Nothing
    }
}

/// A handle that empties the allocator when it is dropped.
#[derive(Clone)]
struct Emptying {
    region: Region,
    used: Rc<Cell<usize>>,
}

impl Drop for Emptying {
    fn drop(&mut self) {
        self.used.set(0);
    }
}

// SAFETY: none: it is the mistake that the kit finds.
unsafe impl Handle for Emptying {}

// SAFETY: blocks lie behind one another, until a handle is dropped.
unsafe impl Allocator for Emptying {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        place(self.region, layout, self.used.get()).map(|(block, used)| {
            self.used.set(used);
            block
        })
    }

    unsafe fn deallocate(&mut self, _: NonNull<u8>, _: Layout) {}

    fn reclaims(&self) -> Reclaims {
        Reclaims::Nothing
    }
}

/// The first block behind the `used` bytes of a region, and the bytes used with it.
fn place(
    region: Region,
    layout: Layout,
    used: usize,
) -> Result<(NonNull<[u8]>, usize), AllocError> {
    let pad = core_api::align::padding(region.start() + used, layout.align());
    let start = used.checked_add(pad).ok_or(AllocError)?;
    let end = start.checked_add(layout.size().max(1)).ok_or(AllocError)?;
    if end > region.len() {
        return Err(AllocError);
    }
    let block = NonNull::new(region.at(region.start() + start)).ok_or(AllocError)?;
    Ok((NonNull::slice_from_raw_parts(block, layout.size()), end))
}

/// What the kit says of a handle that keeps every promise as long as it is not cloned.
fn verdict<A: Handle>(make: fn(Region) -> A) -> String {
    let contract = Contract::new("theirs", make).cases(16);
    contract.try_run().expect("alone it is an allocator");
    let failure = contract.handle().try_run();
    failure.expect_err("clones break it").to_string()
}

#[test]
fn clones_that_do_not_share_are_found() {
    let verdict = verdict(|region| Forked { region, used: 0 });
    assert!(verdict.contains("through clones") && verdict.contains("overlaps block"));
}

#[test]
fn the_end_of_a_clone_that_frees_blocks_is_found() {
    let verdict = verdict(|region| Emptying {
        region,
        used: Rc::new(Cell::new(0)),
    });
    assert!(verdict.contains("through clones") && verdict.contains("overlaps block"));
}
