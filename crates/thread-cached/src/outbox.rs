//! Blocks of other heaps that this thread freed, collected so that one compare-and-swap delivers
//! many.

use core::ptr::NonNull;

use crate::classes::{self, CLASS_END};
use crate::heap::HeapRef;
use crate::link::{self, Chain};
use crate::primitive::Cell;

/// A batch is delivered when it has this many blocks …
const BATCH_BLOCKS: usize = 32;
/// … or this many bytes.
const BATCH_BYTES: usize = 8192;

/// The blocks of one class that wait, all of one heap.
#[derive(Clone, Copy, Debug)]
struct Batch {
    owner: HeapRef,
    chain: Chain,
    n_blocks: usize,
}

/// At most one batch for each class.
#[derive(Debug)]
pub(crate) struct Outbox {
    batches: [Cell<Option<Batch>>; CLASS_END],
    /// A bit for each class that has a batch.
    waiting: Cell<u64>,
}

impl Outbox {
    /// An outbox without blocks.
    pub(crate) const fn new() -> Self {
        Self {
            batches: [const { Cell::new(None) }; CLASS_END],
            waiting: Cell::new(0),
        }
    }

    /// Adds a block of `owner`, which is delivered with others, or now if it is the last.
    ///
    /// # Safety
    ///
    /// The block is of this owner and class, and the caller frees it.
    pub(crate) unsafe fn add(&self, owner: HeapRef, class: usize, block: NonNull<u8>) {
        let slot = &self.batches[class];
        let mut batch = Batch {
            owner,
            chain: Chain {
                first: block,
                last: block,
            },
            n_blocks: 1,
        };
        if let Some(waiting) = slot.take() {
            if waiting.owner == owner {
                // SAFETY: the block is free and ours.
                unsafe { link::write(block, waiting.chain.first.as_ptr()) };
                batch.chain.last = waiting.chain.last;
                batch.n_blocks += waiting.n_blocks;
            } else {
                deliver(waiting, class);
            }
        }
        let is_full = batch.n_blocks >= BATCH_BLOCKS
            || batch.n_blocks * classes::size_of(class) >= BATCH_BYTES;
        if is_full {
            deliver(batch, class);
        } else {
            slot.set(Some(batch));
            self.waiting.set(self.waiting.get() | 1 << class);
        }
    }

    /// Delivers everything.
    pub(crate) fn flush(&self) {
        let mut waiting = self.waiting.take();
        while waiting != 0 {
            let class = waiting.trailing_zeros() as usize;
            waiting &= waiting - 1;
            if let Some(batch) = self.batches[class].take() {
                deliver(batch, class);
            }
        }
    }
}

fn deliver(batch: Batch, class: usize) {
    // SAFETY: the batch has freed blocks of that heap and class, by the promise in `add`.
    unsafe { batch.owner.shared().inbox(class).push(batch.chain) };
}
