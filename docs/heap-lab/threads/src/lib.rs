//! What a page can run of `thread-cached`: the size classes, and the frees of other threads' blocks.
//!
//! `thread-cached` needs threads, Linux and 16 GiB of addresses for each heap, and a page has none of them. These are its
//! own sources, as in its models under loom: the table of size classes, the links, the remote-free cache and the remote
//! free list. The clock is another one, which the figure moves on. [`Pair`] has two heaps on them that one thread steps
//! through.
//!
//! Its list of free blocks and its order of refilling are written here, after
//! `crates/thread-cached/src/front/fast.rs` and `crates/thread-cached/src/slow/refill.rs`. A test of `heap-lab` compares
//! them with the allocator itself on two threads.

#![allow(unexpected_cfgs, reason = "the sources know the hardened mode")]

mod block;
mod clock;
mod heap;
mod pair;
mod primitive;
mod slab;

/// The allocator without the hardened mode.
mod hardened {
    pub(crate) const fn mask(_: std::ptr::NonNull<u8>) -> usize {
        0
    }
}

#[allow(dead_code, reason = "a figure uses a part of each module")]
#[path = "../../../../crates/thread-cached/src/layout"]
mod layout {
    pub(crate) mod classes;
    pub(crate) mod units;
}

#[path = "../../../../crates/thread-cached/src/link.rs"]
mod link;

#[path = "../../../../crates/thread-cached/src/remote"]
mod remote {
    pub(crate) mod remote_cache;
    pub(crate) mod remote_list;
}

pub use block::{Block, Thread};
pub use heap::Origin;
pub use pair::{Lists, Pair};

/// Bytes of the blocks of a [`Pair`]: the class whose batches are short enough for a figure. Three blocks are more than
/// the 16 KiB that a batch may have.
pub const BLOCK: usize = 6144;

/// Returns the bytes of the block that a request for so many bytes gets; `None` for a request without a class.
pub fn block_size(request: usize) -> Option<usize> {
    (request <= layout::classes::CLASS_MAX)
        .then(|| layout::classes::size_of(layout::classes::of_size(request)))
}
