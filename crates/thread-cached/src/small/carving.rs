//! Carving: makes free blocks of a slab's bytes, a page at a time, so that no page is touched before the program needs
//! it.

use core::ptr::{NonNull, null_mut};

use crate::heap::owned::Owned;
use crate::layout::units::PAGE;
use crate::link;
use crate::small::magazines;
use crate::small::slab::Slab;
use crate::small::slab_pages;

/// Begins a slab and returns its first block; the next ones become the list, which must be empty.
pub(crate) fn begin(heap: Owned<'_>, class: usize) -> Option<NonNull<u8>> {
    let slab = slab_pages::take(heap, class)?;
    Some(carve(heap, slab))
}

/// Carves more of the class's partly carved slab, if it has one.
pub(crate) fn carve_more(heap: Owned<'_>, class: usize) -> Option<NonNull<u8>> {
    match heap.class_state(class).uncarved.get() {
        0 => None,
        slab => Some(carve(heap, Slab::at(heap.heap_ref(), slab))),
    }
}

/// Carves at most a page of blocks and returns the first; the others become the list.
fn carve(heap: Owned<'_>, slab: Slab) -> NonNull<u8> {
    let (size, record) = (slab.size(), slab.record(heap));
    let bytes = slab.offset + slab.n_carved(heap) * size..slab.blocks().end;
    let n = (PAGE / size).clamp(1, bytes.len() / size);
    let end = bytes.start + n * size;
    let mut next = null_mut();
    for offset in (bytes.start..end).step_by(size).rev() {
        let block = heap.at(offset);
        // SAFETY: the bytes are the slab's (I2) and in no block yet (I3).
        unsafe { link::write(block, next) };
        next = block.as_ptr();
    }
    record.carve(n);
    let is_carved = end == bytes.end;
    let uncarved = if is_carved { 0 } else { slab.unit() };
    heap.class_state(slab.class).uncarved.set(uncarved);
    magazines::reload(heap, slab.class, heap.at(bytes.start), n)
}
