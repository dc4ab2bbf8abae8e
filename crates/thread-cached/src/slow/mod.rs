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
//!      small/slab.rs         carve_more    the next page of the slab that is not carved to its end
//!      giving_back/collect.rs before_growth  collects, if the heap grew by 64 pages since
//!      small/slab.rs         begin         a new slab:
//!        small/subpage.rs    take          a KiB of the sub-page area, while the class has few
//!        pages/spans.rs      allocate      else a free span, split, or pages that were never used
//!        pages/commit.rs     reaches       which the OS must back first
//!        small/slab.rs       carve         links its first blocks; the second one heads the list
//!  slow/mod.rs               collect_or_replace   memory was refused: collects all, then takes another heap
//! ```
//!
//! May import `lifecycle`, `large`, `giving_back`, `small`, `remote`, `pages`, `heap`, `os`, and hands guarded blocks
//! to `hardened`.

mod refill;

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use crate::giving_back::collect;
use crate::giving_back::maintenance;
use crate::hardened;
use crate::heap::HeapRef;
use crate::heap::classes;
use crate::heap::link::Chain;
use crate::large::direct;
use crate::large::locate::{self, Located, locate};
use crate::large::{self, Fresh};
use crate::lifecycle::registry;
use crate::os;
use crate::pages::page_map::Kind;
use crate::small::magazines;
use crate::small::slabs;

/// Events that a refill from a slab counts for.
const SLAB_EVENTS: u32 = 8;

/// Events that a full list counts for.
const FULL_EVENTS: u32 = 128;

/// Events that the free of a large block counts for.
const LARGE_EVENTS: u32 = 8;

/// Refills the empty list of `class` and returns a block; null if there is no memory.
///
/// The calling thread owns the heap, or has none.
#[cold]
#[inline(never)]
pub(crate) fn refill(class: usize, heap: HeapRef) -> *mut u8 {
    match refill::from_slab(heap, class) {
        Some(block) => {
            count(heap, SLAB_EVENTS);
            block.as_ptr()
        }
        None => refill_elsewhere(class, heap),
    }
}

/// Finds a block of `class` when neither the reserve nor a slab has a free one.
#[inline(never)]
fn refill_elsewhere(class: usize, heap: HeapRef) -> *mut u8 {
    count(heap, SLAB_EVENTS);
    os::keeping_errno(|| block_of(heap, class)).map_or(null_mut(), NonNull::as_ptr)
}

fn block_of(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    let refill = |heap| refill::refill(heap, class);
    let Some(heap) = owned(heap) else {
        return registry::borrow(refill);
    };
    refill(heap)
        .or_else(|| collect_or_replace(heap, refill))
        .or_else(|| match heap.shared().is_private() {
            true => None,
            false => registry::replace_with_new(heap, refill),
        })
}

/// Makes room in a full heap: collects it, lists every slab with a free block, and at last replaces it with an
/// abandoned heap.
fn collect_or_replace<T>(heap: HeapRef, serve: impl Fn(HeapRef) -> Option<T>) -> Option<T> {
    hardened::flush(heap);
    collect::collect_all(heap);
    slabs::wake_all(heap);
    serve(heap).or_else(|| match heap.shared().is_private() {
        true => None,
        false => registry::replace_with_abandoned(heap, serve),
    })
}

/// Returns `heap`, or acquires one for a thread without a heap; `None` if the thread cannot have one.
fn owned(heap: HeapRef) -> Option<HeapRef> {
    if heap.is_empty() {
        registry::acquire()
    } else {
        Some(heap)
    }
}

/// Allocates a block without a class, or with an alignment above 16 bytes; null if there is no memory.
///
/// The calling thread owns the heap, or has none.
#[inline(never)]
pub(crate) fn allocate(layout: Layout, heap: HeapRef) -> *mut u8 {
    match classes::of(layout.size(), layout.align()) {
        Some(class) => match heap.pop(class) {
            Some(block) => block.as_ptr(),
            None => refill(class, heap),
        },
        None => allocate_large(layout, heap),
    }
}

/// Allocates a block without a class: from the span cache, else from new pages.
#[inline(never)]
fn allocate_large(layout: Layout, heap: HeapRef) -> *mut u8 {
    match large::cached(heap, layout) {
        Some(fresh) => fresh.block.as_ptr(),
        None => new_pages(heap, layout),
    }
}

#[cold]
#[inline(never)]
fn new_pages(heap: HeapRef, layout: Layout) -> *mut u8 {
    allocate_pages(heap, layout).map_or(null_mut(), |fresh| fresh.block.as_ptr())
}

/// Allocates whole pages, for a layout without a class.
pub(crate) fn allocate_pages(heap: HeapRef, layout: Layout) -> Option<Fresh> {
    os::keeping_errno(|| pages_of(heap, layout))
}

fn pages_of(heap: HeapRef, layout: Layout) -> Option<Fresh> {
    let Some(heap) = owned(heap) else {
        return registry::borrow(|heap| large::allocate(heap, layout));
    };
    let block = large::cached(heap, layout).or_else(|| large::allocate(heap, layout));
    if layout.size() >= heap.shared().len() {
        return block;
    }
    block.or_else(|| collect_or_replace(heap, |heap| large::in_pages(heap, layout)))
}

/// Frees a block whose stated size does not tell its class.
///
/// The calling thread owns the heap, or has none; the block is live and the caller's to free.
#[inline(never)]
pub(crate) fn free_unsized(block: NonNull<u8>, heap: HeapRef) {
    // SAFETY: the caller's promise.
    unsafe { heap.free(block) }
}

/// Handles a push that used up the room of its list: the list is full, or the block is in no slab.
///
/// The calling thread owns the heap.
#[cold]
#[inline(never)]
pub(crate) fn full(block: NonNull<u8>, heap: HeapRef) {
    match heap.kind_of(block).and_then(Kind::class) {
        Some(class) => {
            magazines::full(heap, class);
            count(heap, FULL_EVENTS);
        }
        None => {
            heap.list(0).set(null_mut());
            heap.room(0).set(0);
            free_rare(block, heap);
        }
    }
}

/// Frees a block that the hit path refused: of another heap, large, freed twice, or no block at all.
#[inline(never)]
pub(crate) fn free(block: NonNull<u8>, heap: HeapRef) {
    match foreign_slab(block, heap) {
        Some((owner, class)) => free_remote(heap, owner, class, block),
        None => free_rare(block, heap),
    }
}

/// Returns owner and class if the block is in another heap's slab.
#[inline]
fn foreign_slab(block: NonNull<u8>, heap: HeapRef) -> Option<(HeapRef, usize)> {
    let is_own = heap.offset_of(block) < heap.shared().len();
    if is_own { None } else { locate::in_slab(block) }
}

/// Frees a large or guarded block, or reports a mistake.
#[inline(never)]
fn free_rare(block: NonNull<u8>, heap: HeapRef) {
    if large::cache(heap, block) {
        return count(heap, LARGE_EVENTS);
    }
    os::keeping_errno(|| free_located(block, heap));
}

fn free_located(block: NonNull<u8>, heap: HeapRef) {
    match locate(block) {
        Ok(Located::InSlab { .. }) => fatal(Misuse::DoubleFree),
        Ok(Located::Large { heap: owner, page }) => {
            large::free(owner, page);
            count(heap, LARGE_EVENTS);
        }
        // SAFETY: the caller frees this mapping.
        Ok(Located::Direct(mapping)) => unsafe { direct::unmap(mapping) },
        Ok(Located::Guarded(_)) => hardened::free_guarded(block),
        Err(misuse) => fatal(misuse),
    }
}

/// Sends a block to its owner through the remote-free cache. A thread without a heap has no cache, and a private
/// heap may end while a block waits: then the block goes at once.
#[inline]
fn free_remote(heap: HeapRef, owner: HeapRef, class: usize, block: NonNull<u8>) {
    let block = owner.at(owner.offset_of(block));
    if heap.is_empty() || owner.shared().is_private() {
        return send(owner, class, block);
    }
    // SAFETY: the block is of this heap and class, and the caller frees it.
    unsafe { heap.remote_cache.add(owner, class, block) };
    count(heap, 1);
}

/// Sends one block to its owner at once.
#[cold]
fn send(owner: HeapRef, class: usize, block: NonNull<u8>) {
    let chain = Chain {
        first: block,
        last: block,
    };
    // SAFETY: the block is of this heap and class, and the caller frees it.
    unsafe { owner.shared().remote_list(class).push(chain) };
}

/// Counts events; takes a maintenance step when the clock is due.
fn count(heap: HeapRef, n: u32) {
    if !heap.is_empty() && heap.count(n) {
        os::keeping_errno(|| maintenance::step(heap));
    }
}
