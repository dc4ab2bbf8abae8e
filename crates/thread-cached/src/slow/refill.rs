//! Refills an empty list: the sources of free blocks in order of cost.

use core::ptr::NonNull;

use crate::giving_back::collect;
use crate::heap::owned::Owned;
use crate::layout::classes;
use crate::small::carving;
use crate::small::magazines;
use crate::small::slabs;

/// Returns a block of `class`: from the magazines or a slab with free blocks, else from the remote free list, else
/// from the partly carved slab, else from a new slab. The other blocks of that source become the list.
pub(crate) fn refill(heap: Owned<'_>, class: usize) -> Option<NonNull<u8>> {
    let at_hand = || {
        heap.pop(class)
            .or_else(|| from_slab(heap, class))
            .or_else(|| take_remote(heap, class))
            .or_else(|| carving::carve_more(heap, class))
    };
    at_hand().or_else(|| {
        let collected = collect::before_growth(heap, classes::slab_pages(class) as u32);
        let found = if collected { at_hand() } else { None };
        found.or_else(|| carving::begin(heap, class))
    })
}

/// Returns a block of the reserve or of a slab with free blocks. The list must be empty.
#[inline]
pub(crate) fn from_slab(heap: Owned<'_>, class: usize) -> Option<NonNull<u8>> {
    if let Some(block) = magazines::exchange(heap, class) {
        return Some(block);
    }
    let (first, n) = slabs::take(heap, class)?;
    heap.class_state(class).was_used.set(true);
    Some(magazines::reload(heap, class, first, n))
}

/// Makes the remote free list the list, and returns its first block.
fn take_remote(heap: Owned<'_>, class: usize) -> Option<NonNull<u8>> {
    let sent = heap.shared().remote_list(class).take()?;
    heap.class_state(class).was_used.set(true);
    Some(magazines::load(heap, class, sent, 1))
}
