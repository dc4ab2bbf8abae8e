//! Where a class's blocks come from when its list is empty.

use core::ptr::NonNull;

use crate::giving_back::collect;
use crate::heap::HeapRef;
use crate::heap::classes;
use crate::small::magazines;
use crate::small::slab;
use crate::small::slabs;

/// A block of `class`, whose list may be empty: of those at hand or of a slab with free ones, else what other
/// threads freed, else what is uncarved, else of a new slab. The others that come with it become the list.
///
/// The calling thread owns the heap.
pub(crate) fn refill(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    let at_hand = || {
        heap.pop(class)
            .or_else(|| from_slab(heap, class))
            .or_else(|| collect(heap, class))
            .or_else(|| slab::carve_more(heap, class))
    };
    at_hand().or_else(|| {
        let collected = collect::before_growth(heap, classes::slab_pages(class) as u32);
        let found = if collected { at_hand() } else { None };
        found.or_else(|| slab::begin(heap, class))
    })
}

/// A block of the reserve or of a slab with free ones, if the list is empty.
#[inline]
pub(crate) fn from_slab(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    if let Some(block) = magazines::exchange(heap, class) {
        return Some(block);
    }
    let (first, n) = slabs::take(heap, class)?;
    heap.collection.used(class);
    Some(magazines::reload(heap, class, first, n))
}

/// What other threads freed becomes the list; its first block.
fn collect(heap: HeapRef, class: usize) -> Option<NonNull<u8>> {
    let sent = heap.shared().remote_list(class).take()?;
    heap.collection.used(class);
    Some(magazines::load(heap, class, sent, 1))
}
