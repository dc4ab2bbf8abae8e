//! The slow paths: what a request needs when its list is empty, a list is full, or the block is not the heap's own.
//!
//! # The way of a malloc(24) on a miss
//!
//! Each step runs only if the steps before it found no block.
//!
//! ```text
//!  front/fast.rs             allocate      the list of class 2 is empty
//!  slow/mod.rs               refill        asks the two cheap places first:
//!    slow/refill.rs          from_slab
//!      small/magazines.rs    exchange      the reserve becomes the list
//!      small/slabs.rs        take          a listed or spare slab's free blocks become the list
//!  slow/mod.rs               block_of      a thread without a heap gets one:
//!    lifecycle/registry.rs   acquire       an abandoned heap, or a new region of 16 GiB
//!    slow/refill.rs          refill
//!      slow/refill.rs        take_remote   what other threads freed becomes the list
//!      small/carving.rs      carve_more    the next page of the slab that is not carved to its end
//!      giving_back/collect.rs before_growth  collects, if the heap grew by 64 pages since
//!      small/carving.rs      begin         a new slab:
//!        small/slab_pages.rs take          which gets its pages:
//!          small/subpage.rs  take          a KiB of the sub-page area, while the class has few
//!          pages/spans.rs    allocate      else a free span, split, or pages that were never used
//!          pages/commit.rs   reaches       which the OS must back first
//!        small/carving.rs    carve         links its first blocks
//!        small/magazines.rs  reload        the first is the answer, the others become the list
//!  slow/mod.rs               collect_or_replace   memory was refused: collects all, then takes another heap
//! ```
//!
//! Imports `lifecycle`, `large`, `giving_back`, `small`, `heap`, `remote`, `pages`, `hardened`, `layout` and `os`.

mod refill;

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use crate::giving_back::collect;
use crate::giving_back::maintenance;
use crate::hardened;
use crate::heap::HeapRef;
use crate::heap::owned::{MaybeOwned, Owned};
use crate::large;
use crate::large::direct;
use crate::large::fresh::Fresh;
use crate::large::locate::{self, Located, locate};
use crate::layout::classes;
use crate::lifecycle::current;
use crate::lifecycle::registry;
use crate::link::Chain;
use crate::pages::page_map::Kind;
use crate::remote::remote_cache::Added;
use crate::small::magazines;
use crate::small::slabs;

/// Events that a refill from a slab counts for.
const SLAB_EVENTS: u32 = 8;

/// Events that a full list counts for.
const FULL_EVENTS: u32 = 128;

/// Events that a full batch of remote frees counts for.
const BATCH_EVENTS: u32 = 64;

/// Events that the free of a large block counts for.
const LARGE_EVENTS: u32 = 8;

/// Refills the empty list of `class` and returns a block; null if there is no memory.
#[cold]
#[inline(never)]
pub(crate) fn refill(class: usize, heap: MaybeOwned<'_>) -> *mut u8 {
    if let Some(heap) = heap.owned()
        && let Some(block) = refill::from_slab(heap, class)
    {
        count(heap, SLAB_EVENTS);
        return block.as_ptr();
    }
    count_if_owned(heap, SLAB_EVENTS);
    os::keeping_errno(|| block_of(heap, class)).map_or(null_mut(), NonNull::as_ptr)
}

/// Finds a block of `class` when neither the reserve nor a slab has a free one.
#[inline(never)]
fn block_of(heap: MaybeOwned<'_>, class: usize) -> Option<NonNull<u8>> {
    let refill = |heap: Owned<'_>| refill::refill(heap, class);
    let Some(heap) = owned_or_acquired(heap) else {
        return registry::borrow(refill);
    };
    refill(heap).or_else(|| collect_or_replace(heap, true, refill))
}

/// The heap, or one that is acquired for a thread without a heap; `None` if the thread cannot have one.
fn owned_or_acquired(heap: MaybeOwned<'_>) -> Option<Owned<'_>> {
    heap.owned().or_else(|| registry::acquire())
}

/// Makes room in a full heap: collects it, lists every slab with a free block, and at last replaces it with an
/// abandoned heap, or a new one if `may_create`.
fn collect_or_replace<T>(
    heap: Owned<'_>,
    may_create: bool,
    serve: impl Fn(Owned<'_>) -> Option<T>,
) -> Option<T> {
    collect::collect_all(heap);
    slabs::wake_all(heap);
    serve(heap).or_else(|| registry::replace(heap, may_create, serve))
}

/// Allocates a block without a class, or with an alignment above 16 bytes; null if there is no memory.
#[cfg_attr(
    feature = "hardened",
    allow(dead_code, reason = "its blocks need larger slots")
)]
#[inline(never)]
pub(crate) fn allocate(layout: Layout, heap: MaybeOwned<'_>) -> *mut u8 {
    match classes::of(layout.size(), layout.align()) {
        Some(class) => match heap.pop(class) {
            Some(block) => block.as_ptr(),
            None => refill(class, heap),
        },
        None => allocate_large(layout, heap),
    }
}

/// Allocates a block without a class.
#[inline(never)]
fn allocate_large(layout: Layout, heap: MaybeOwned<'_>) -> *mut u8 {
    allocate_pages(heap, layout).map_or(null_mut(), |fresh| fresh.block.as_ptr())
}

/// Allocates whole pages, for a layout without a class: from the span cache, else new ones.
#[inline]
pub(crate) fn allocate_pages(heap: MaybeOwned<'_>, layout: Layout) -> Option<Fresh> {
    large::cached(heap, layout).or_else(|| os::keeping_errno(|| new_pages(heap, layout)))
}

#[cold]
#[inline(never)]
fn new_pages(heap: MaybeOwned<'_>, layout: Layout) -> Option<Fresh> {
    let Some(heap) = owned_or_acquired(heap) else {
        return registry::borrow(|heap| large::allocate(heap, layout));
    };
    let block = large::allocate(heap, layout);
    if layout.size() >= heap.shared().len() {
        return block;
    }
    block.or_else(|| collect_or_replace(heap, false, |heap| large::in_pages(heap, layout)))
}

/// Handles a push that used up the room of its list: the list is full, or the block is in no slab.
///
/// # Safety
///
/// The caller pushed the block.
#[cold]
#[inline(never)]
pub(crate) unsafe fn full(block: NonNull<u8>, heap: Owned<'_>) {
    match heap.kind_of(block).and_then(Kind::class) {
        Some(class) => {
            magazines::full(heap, class);
            count(heap, FULL_EVENTS);
        }
        None => {
            heap.list(0).set(null_mut());
            heap.room(0).set(0);
            // SAFETY: the caller freed the block, and no list has it any more.
            unsafe { free_rare(block, heap.maybe()) };
        }
    }
}

/// Frees a block that the hit path refused: of another heap, large, freed twice, or no block at all.
///
/// # Safety
///
/// The block, if it is one, is not used again.
#[inline(never)]
pub(crate) unsafe fn free(block: NonNull<u8>, heap: MaybeOwned<'_>) {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match locate::in_slab(block) {
            Some((owner, class)) if owner != heap.heap_ref() => {
                free_remote(heap, owner, class, block);
            }
            _ => free_rare(block, heap),
        }
    }
}

/// Frees a large or guarded block, or reports a mistake.
///
/// # Safety
///
/// As for [`free`].
#[inline(never)]
unsafe fn free_rare(block: NonNull<u8>, heap: MaybeOwned<'_>) {
    // SAFETY: the caller's promise is passed on.
    if unsafe { large::cache(heap, block) } {
        return count_if_owned(heap, LARGE_EVENTS);
    }
    // SAFETY: as above.
    os::keeping_errno(|| unsafe { free_located(block, heap) });
}

/// # Safety
///
/// As for [`free`].
unsafe fn free_located(block: NonNull<u8>, heap: MaybeOwned<'_>) {
    match locate(block) {
        Ok(Located::InSlab { .. }) => fatal(Misuse::DoubleFree),
        Ok(Located::Large { heap: owner, page }) => {
            large::free(owner, page);
            count_if_owned(heap, LARGE_EVENTS);
        }
        // SAFETY: by the caller's promise the mapping is not used again.
        Ok(Located::Direct(mapping)) => unsafe { direct::unmap(mapping) },
        Ok(Located::Guarded(_)) => hardened::free_guarded(block),
        Err(misuse) => fatal(misuse),
    }
}

/// Sends a block to its owner through the remote-free cache.
///
/// # Safety
///
/// The block is of a slab of `owner` with this class, and the caller frees it.
#[inline]
unsafe fn free_remote(heap: MaybeOwned<'_>, owner: HeapRef, class: usize, block: NonNull<u8>) {
    let block = owner.at(owner.offset_of(block));
    let list = owner.shared().remote_list(class);
    // SAFETY: by the caller's promise. The empty heap's cache has no batch, so it refuses every block.
    match unsafe { heap.own().remote_cache.add(list, class, block) } {
        Added::Waiting => {}
        // SAFETY: a heap with a batch is not the empty one.
        Added::Full => deliver(unsafe { heap.owned_unchecked() }, class),
        // SAFETY: the caller's promise is passed on.
        Added::Refused => unsafe { begin_batch(heap, owner, class, block) },
    }
}

#[cold]
#[inline(never)]
fn deliver(heap: Owned<'_>, class: usize) {
    heap.own().remote_cache.deliver(class);
    count(heap, BATCH_EVENTS);
}

/// Begins a batch in the remote-free cache. A thread without a heap has no cache, and a private heap may end while a
/// block waits: then the block goes at once.
///
/// # Safety
///
/// As for [`free_remote`].
#[cold]
#[inline(never)]
unsafe fn begin_batch(heap: MaybeOwned<'_>, owner: HeapRef, class: usize, block: NonNull<u8>) {
    let list = owner.shared().remote_list(class);
    let Some(heap) = heap.owned().filter(|_| !owner.shared().is_private()) else {
        let (first, last) = (block, block);
        // SAFETY: by the caller's promise the block is free, and of the list's heap and class.
        return unsafe { list.push(Chain { first, last }) };
    };
    // SAFETY: as above; a heap that is not private lives as long as the process.
    let added = unsafe { heap.own().remote_cache.begin(list, class, block) };
    count(heap, 1);
    if added == Added::Full {
        deliver(heap, class);
    }
}

/// Counts events; takes a maintenance step when the clock is due.
#[inline]
pub(crate) fn count(heap: Owned<'_>, n: u32) {
    if heap.count(n) {
        maintain(heap);
    }
}

#[cold]
#[inline(never)]
fn maintain(heap: Owned<'_>) {
    os::keeping_errno(|| maintenance::step(heap));
    current::refresh();
}

/// Does the same, unless the thread has no heap.
fn count_if_owned(heap: MaybeOwned<'_>, n: u32) {
    if let Some(heap) = heap.owned() {
        count(heap, n);
    }
}
