//! Between the pools and the lists: blocks that become ready, and those that are too many to be.

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use super::request::Request;
use crate::hardened::pool::MOST_READY;
use crate::hardened::waiting::{self, Clearing};
use crate::hardened::{Door, State, canary};
use crate::heap::HeapRef;
use crate::heap::header::{FREE_TAKES, STEP};
use crate::heap::owned::{MaybeOwned, Owned};
use crate::large::locate::{Located, locate};
use crate::layout::classes;
use crate::lifecycle::current::current;
use crate::slow;

/// Hands out a free block, if it was not written to since it was freed.
#[inline(always)]
pub(super) fn hand_out(heap: HeapRef, class: usize, offset: usize, request: Request) -> *mut u8 {
    let (slot, size) = (classes::size_of(class), request.layout.size());
    let (state, block) = (heap.state(offset), heap.at(offset));
    waiting::take(block, state, slot);
    canary::shorten(block, size, slot);
    state.hand_out(size, slot, request.door);
    block.as_ptr()
}

/// Makes blocks of an empty pool ready, neighbours in random order, and hands out one more.
#[cold]
#[inline(never)]
pub(super) fn refill(heap: MaybeOwned<'_>, class: usize, layout: Layout, door: Door) -> *mut u8 {
    // The list is longer than what can be ready.
    let popped = heap.owned().and_then(|heap| pop(heap, class));
    let Some(block) = popped.or_else(|| NonNull::new(slow::refill(class, heap))) else {
        return null_mut();
    };
    let Ok(Located::InSlab { heap: from, .. }) = locate(block) else {
        fatal(Misuse::CorruptHeader)
    };
    // A thread without a heap got one, or one whose heap was full got another.
    let own = match heap.heap_ref() == from {
        true => heap,
        false => current(),
    };
    let offset = from.offset_of(block);
    mark(from, class, offset);
    // The thread can have no heap at all: then the lists belong to another thread by now.
    if let Some(own) = own.owned().filter(|own| own.heap_ref() == from) {
        make_ready(own, class);
    }
    hand_out(from, class, offset, Request { layout, door })
}

/// Pops a block of a list, and checks the link that is the next to be followed.
fn pop(heap: Owned<'_>, class: usize) -> Option<NonNull<u8>> {
    let block = heap.pop(class)?;
    check_link(heap, heap.list(class).get());
    Some(block)
}

/// Ends the process if a link leads elsewhere than into the heap's pages. An overwritten link leads anywhere, because the
/// program does not know the key that it is combined with.
fn check_link(heap: Owned<'_>, next: *mut u8) {
    if let Some(next) = NonNull::new(next)
        && heap.kind_of(next).is_none()
    {
        fatal(Misuse::WrittenWhileFree);
    }
}

/// Makes the first blocks of a list ready, if none is: a heap that replaced another one may have some.
#[inline]
fn make_ready(heap: Owned<'_>, class: usize) {
    let hardening = &heap.own().hardening;
    let pool = hardening.pools.of(class);
    if !pool.is_empty() {
        return;
    }
    let (list, room, states) = (heap.list(class), heap.room(class), heap.states());
    let (mut offsets, mut n) = ([0; MOST_READY], 0);
    let mut rest = list.get();
    for place in &mut offsets {
        let Some(block) = NonNull::new(rest) else {
            break;
        };
        let offset = heap.offset_of(block);
        // SAFETY: the block is this heap's, listed (I3), and the heap has these states (I1).
        unsafe {
            rest = waiting::unlink_first(block);
            end_first(block, State::at(states, offset), class);
        }
        check_link(heap, rest);
        *place = (offset / 8) as u32;
        n += 1;
    }
    list.set(rest);
    room.set(room.get() + n as i32 * STEP);
    pool.add_all(&offsets[..n], &hardening.random);
}

/// Marks a block that was popped.
fn mark(heap: HeapRef, class: usize, offset: usize) {
    let block = heap.at(offset);
    end_first(block, heap.state(offset), class);
    waiting::mark_first(block);
}

/// Gives a block that never was a program's the end and the state of one that waits.
#[inline]
fn end_first(block: NonNull<u8>, state: State, class: usize) {
    if !state.is_freed() {
        waiting::leave(block, classes::size_of(class), Clearing::None);
        state.wait(false);
    }
}

/// Puts a block and half of the ready ones back on the list.
#[cold]
#[inline(never)]
pub(super) fn spill(heap: Owned<'_>, class: usize, offset: usize) {
    let (pool, list, room) = (
        heap.own().hardening.pools.of(class),
        heap.list(class),
        heap.room(class),
    );
    let (mut first, mut n) = (heap.at(offset), 1);
    waiting::link_first(first, list.get());
    while pool.is_half_full()
        && let Some(offset) = pool.take()
    {
        let block = heap.at(offset);
        waiting::link_first(block, first.as_ptr());
        (first, n) = (block, n + 1);
    }
    list.set(first.as_ptr());
    room.set(room.get() - n * FREE_TAKES);
    if room.get() < 0 {
        // SAFETY: pushed just now.
        unsafe { slow::full(first, heap) };
    }
}
