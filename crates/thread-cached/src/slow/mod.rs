//! What the fast paths of a heap hand on.

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

/// How many events a slab counts for that is taken or turns.
const SLAB_EVENTS: u32 = 8;

/// How many events a list counts for that has no room.
const FULL_EVENTS: u32 = 128;

/// How many events the free of a large block counts for.
const LARGE_EVENTS: u32 = 8;

/// A block of `class`, whose list is empty; null if there is no memory.
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

/// As [`refill`], when no slab has free blocks.
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

/// What there is to try when the heap has no room: to collect it, to use every slab with a free block, and then to
/// take a heap that nobody has.
fn collect_or_replace<T>(heap: HeapRef, serve: impl Fn(HeapRef) -> Option<T>) -> Option<T> {
    hardened::flush(heap);
    collect::collect_all(heap);
    slabs::wake_all(heap);
    serve(heap).or_else(|| match heap.shared().is_private() {
        true => None,
        false => registry::replace_with_abandoned(heap, serve),
    })
}

/// `heap`, or a heap for a thread that has none; `None` if it cannot have one.
fn owned(heap: HeapRef) -> Option<HeapRef> {
    if heap.is_empty() {
        registry::acquire()
    } else {
        Some(heap)
    }
}

/// A block that has no class, or is aligned to more than 16 bytes; null if there is no memory.
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

/// A block that has no class.
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

/// A block that no class has room for.
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

/// A block whose size does not tell where it is from.
///
/// The calling thread owns the heap, or has none; the block is live and the caller's to free.
#[inline(never)]
pub(crate) fn free_unsized(block: NonNull<u8>, heap: HeapRef) {
    // SAFETY: the caller's promise.
    unsafe { heap.free(block) }
}

/// The list that the block was put on has more blocks than it may have; or the block is of no slab.
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

/// A block that is not of a slab of this heap, or freed twice, or none at all.
#[inline(never)]
pub(crate) fn free(block: NonNull<u8>, heap: HeapRef) {
    match foreign_slab(block, heap) {
        Some((owner, class)) => free_remote(heap, owner, class, block),
        None => free_rare(block, heap),
    }
}

/// The heap and the class of a block of another heap's slab.
#[inline]
fn foreign_slab(block: NonNull<u8>, heap: HeapRef) -> Option<(HeapRef, usize)> {
    let is_own = heap.offset_of(block) < heap.shared().len();
    if is_own { None } else { locate::in_slab(block) }
}

/// A large block, one between guards, or a mistake.
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

/// Sends a block to the heap that it is of: with others, where there is a place to collect them
/// and the owner cannot end meanwhile.
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

/// Sends one block home, at once.
#[cold]
fn send(owner: HeapRef, class: usize, block: NonNull<u8>) {
    let chain = Chain {
        first: block,
        last: block,
    };
    // SAFETY: the block is of this heap and class, and the caller frees it.
    unsafe { owner.shared().remote_list(class).push(chain) };
}

/// Counts events; when the clock is due, the thread takes a maintenance step.
fn count(heap: HeapRef, n: u32) {
    if !heap.is_empty() && heap.count(n) {
        os::keeping_errno(|| maintenance::step(heap));
    }
}
