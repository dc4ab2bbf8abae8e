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

use crate::heap::HeapRef;
use crate::heap::classes::{self, CLASS_END};
use crate::heap::header::STEP;
use crate::heap::link;
use crate::primitive::Cell;
use crate::small::slabs;

/// A magazine has room for this many bytes at first, …
const BYTES: usize = 16 << 10;
/// … and blocks, …
const MOST: usize = 128;
/// … but at least these.
const LEAST: usize = 8;
/// A magazine becomes twice as large when the program takes blocks of a slab after others were put back, up to so
/// many bytes, …
const MOST_BYTES: usize = 512 << 10;
/// … or blocks: a program that frees much and then takes as much is ordered by the slabs.
const MOST_BLOCKS: usize = 1024;

/// The reserve of a class, and the limits of its list.
#[derive(Debug)]
struct Magazine {
    reserve: Cell<*mut u8>,
    /// Blocks in the reserve, at most.
    n_reserve: Cell<u16>,
    /// Blocks that the list may have. It has this many, less its room.
    capacity: Cell<u16>,
    /// How often the magazine became larger, as the power of two.
    growth: Cell<u8>,
    /// Whether blocks were put back since it became larger.
    has_overflown: Cell<bool>,
}

/// The owner's alone.
#[derive(Debug)]
pub(crate) struct Magazines([Magazine; CLASS_END]);

impl Magazines {
    pub(crate) const fn new() -> Self {
        Self([const { Magazine::new() }; CLASS_END])
    }

    /// The list of blocks in reserve.
    pub(crate) fn reserve(&self, class: usize) -> *mut u8 {
        self.0[class].reserve.get()
    }
}

impl Magazine {
    const fn new() -> Self {
        Self {
            reserve: Cell::new(null_mut()),
            n_reserve: Cell::new(0),
            capacity: Cell::new(0),
            growth: Cell::new(0),
            has_overflown: Cell::new(false),
        }
    }

    /// Blocks that the list may have before it becomes the reserve.
    fn size(&self, class: usize) -> usize {
        let size = classes::size_of(class);
        (BYTES / size).clamp(LEAST, MOST) << self.growth.get()
    }

    fn grow(&self, class: usize) {
        let more = 2 * self.size(class);
        if more <= MOST_BLOCKS && more * classes::size_of(class) <= MOST_BYTES {
            self.growth.set(self.growth.get() + 1);
        }
    }
}

/// Loads the empty list with a slab's blocks, and grows the magazine if it has overflown.
pub(crate) fn reload(heap: HeapRef, class: usize, first: NonNull<u8>, n: usize) -> NonNull<u8> {
    let magazine = &heap.magazines.0[class];
    if magazine.has_overflown.replace(false) {
        magazine.grow(class);
    }
    load(heap, class, first, n)
}

/// Returns the first of `n` blocks; the others become the list, which is empty.
pub(crate) fn load(heap: HeapRef, class: usize, first: NonNull<u8>, n: usize) -> NonNull<u8> {
    let magazine = &heap.magazines.0[class];
    let size = magazine.size(class);
    let capacity = size.max(n + size / 2);
    magazine.capacity.set(capacity as u16);
    heap.room(class).set((capacity + 1 - n) as i32 * STEP);
    // SAFETY: the chain's blocks are free and linked (I3).
    heap.list(class).set(unsafe { link::read(first) });
    first
}

/// Makes the reserve the list, which is empty, and returns its first block.
pub(crate) fn exchange(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    let magazine = &heap.magazines.0[class];
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
pub(crate) fn full(heap: HeapRef, class: usize) {
    let magazine = &heap.magazines.0[class];
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
pub(crate) fn unload(heap: HeapRef, class: usize) {
    let magazine = &heap.magazines.0[class];
    magazine.capacity.set(0);
    magazine.growth.set(0);
    heap.room(class).set(0);
    slabs::put_back(heap, class, heap.list(class).replace(null_mut()));
    slabs::put_back(heap, class, magazine.reserve.replace(null_mut()));
}
