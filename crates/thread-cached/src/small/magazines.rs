//! Magazines: two lists of limited length for each class, in front of its slabs.
//!
//! ```text
//!   allocate ◄── list ◄── free              list empty: the reserve becomes the list, else a slab's free blocks
//!                 │ full                    list full:  it becomes the reserve if there is none, else its blocks go
//!           ┌─────┴─────┐                               back into the records of their slabs
//!           ▼           ▼
//!        reserve      slabs
//! ```
//!
//! A program that takes and frees a few blocks over and over gets the ones that it freed last, which are in the
//! processor's cache. If it frees many, they go back to their slabs, which keep them in order. The list goes back and
//! not the reserve, because the processor's cache has the list's links. After Bonwick and Adams,
//! "Magazines and Vmem" (2001), with lists in place of their arrays.

use core::ptr::{NonNull, null_mut};

use crate::heap::class_state::MOST;
use crate::heap::header::STEP;
use crate::heap::owned::Owned;
use crate::link;
use crate::small::slabs;

/// Loads the empty list with a slab's blocks, and grows the magazine if it has overflown.
pub(crate) fn reload(heap: Owned<'_>, class: usize, first: NonNull<u8>, n: usize) -> NonNull<u8> {
    let magazine = heap.class_state(class);
    if magazine.has_overflown.replace(false) {
        magazine.grow(class);
    }
    load(heap, class, first, n)
}

/// Returns the first of `n` blocks; the others become the list, which is empty.
pub(crate) fn load(heap: Owned<'_>, class: usize, first: NonNull<u8>, n: usize) -> NonNull<u8> {
    let magazine = heap.class_state(class);
    let size = magazine.size(class);
    let capacity = size.max(n + size / 2);
    magazine.capacity.set(capacity as u16);
    heap.room(class).set((capacity + 1 - n) as i32 * STEP);
    // SAFETY: the chain's blocks are free and linked (I3).
    heap.list(class).set(unsafe { link::read(first) });
    first
}

/// Makes the reserve the list, which is empty, and returns its first block.
pub(crate) fn exchange(heap: Owned<'_>, class: usize) -> Option<NonNull<u8>> {
    let magazine = heap.class_state(class);
    let first = NonNull::new(magazine.reserve.replace(null_mut()))?;
    let n = usize::from(magazine.n_reserve.get());
    if n > 2 * magazine.size(class) {
        // Freed blocks came in faster than they left.
        slabs::put_back(heap, class, first.as_ptr());
        return None;
    }
    Some(load(heap, class, first, n))
}

/// Makes a full list the reserve, or puts it back into its slabs if there is a reserve. O(blocks).
pub(crate) fn full(heap: Owned<'_>, class: usize) {
    let magazine = heap.class_state(class);
    let n = i32::from(magazine.capacity.get()) - heap.room(class).get() / STEP;
    let list = heap.list(class).replace(null_mut());
    let size = magazine.size(class).min(MOST);
    magazine.capacity.set(size as u16);
    heap.room(class).set(size as i32 * STEP);
    if magazine.reserve.get().is_null() {
        magazine.reserve.set(list);
        magazine.n_reserve.set(n as u16);
    } else {
        magazine.has_overflown.set(true);
        slabs::put_back(heap, class, list);
    }
}

/// Puts both magazines of a class back into their slabs. O(blocks).
pub(crate) fn unload(heap: Owned<'_>, class: usize) {
    let magazine = heap.class_state(class);
    magazine.reset();
    heap.room(class).set(0);
    slabs::put_back(heap, class, heap.list(class).replace(null_mut()));
    slabs::put_back(heap, class, magazine.reserve.replace(null_mut()));
}
