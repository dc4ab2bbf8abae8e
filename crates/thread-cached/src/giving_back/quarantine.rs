//! Blocks that leave the quarantine of the hardened mode.

use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use crate::hardened;
use crate::heap::owned::Owned;
use crate::layout::classes;
use crate::link;
use crate::pages::page_map::Kind;
use crate::small::slabs;

/// Puts all blocks of the quarantine back into their slabs.
pub(crate) fn flush(heap: Owned<'_>) {
    heap.own().hardening.flush(|block| {
        let class = class_of_leaving(heap, block);
        // SAFETY: the block was freed, and left the quarantine just now.
        unsafe { link::write(block, null_mut()) };
        slabs::put_back(heap, class, block.as_ptr());
    });
}

/// The class of a block that leaves the quarantine. Ends the process if a program wrote to the block meanwhile.
pub(crate) fn class_of_leaving(heap: Owned<'_>, block: NonNull<u8>) -> usize {
    let Some(class) = heap.kind_of(block).and_then(Kind::class) else {
        fatal(Misuse::CorruptHeader)
    };
    hardened::check_untouched(block, classes::size_of(class));
    class
}
