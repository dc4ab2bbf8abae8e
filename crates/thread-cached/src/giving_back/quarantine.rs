//! Blocks that leave the pools of the hardened mode.

use core::ptr::null_mut;

use crate::hardened;
use crate::heap::owned::Owned;
use crate::link;
use crate::small::slabs;

/// Puts all blocks of the pools back into their slabs.
pub(crate) fn flush(heap: Owned<'_>) {
    heap.own().hardening.flush(|class, offset| {
        let block = heap.at(offset);
        if heap.state(offset).is_freed() {
            hardened::check_first(block);
        }
        // SAFETY: the block is free, and left its pool just now (I3).
        unsafe { link::write(block, null_mut()) };
        slabs::put_back(heap, class, block.as_ptr());
    });
}
