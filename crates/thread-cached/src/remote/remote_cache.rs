//! The remote-free cache: a thread's frees of other heaps' blocks, batched so that one compare-and-swap delivers
//! many.

use core::ptr::{NonNull, null, null_mut};

use core_api::{Misuse, fatal};

use crate::clock;
use crate::layout::classes::{self, CLASS_END};
use crate::link::{self, Chain};
use crate::primitive::Cell;
use crate::remote::remote_list::RemoteFreeList;

/// A batch is delivered when it has this many blocks …
const BATCH_BLOCKS: usize = 64;
/// … or this many bytes.
const BATCH_BYTES: usize = 16 << 10;
/// Waiting batches are delivered after this many milliseconds, when the thread reads the clock.
const DELAY: u32 = 10;

/// Waiting blocks of one class and one owner.
#[derive(Debug)]
struct Batch {
    /// The owner's remote free list of this class; null before the first block.
    list: Cell<*const RemoteFreeList>,
    first: Cell<*mut u8>,
    last: Cell<*mut u8>,
    /// If 0, the other fields mean nothing.
    n_blocks: Cell<usize>,
}

/// At most one batch for each class.
#[derive(Debug)]
pub(crate) struct RemoteCache {
    batches: [Batch; CLASS_END],
    /// A bit for each class that has a batch.
    waiting: Cell<u64>,
    /// When the first waiting block came.
    since: Cell<u32>,
}

impl Batch {
    const fn new() -> Self {
        Self {
            list: Cell::new(null()),
            first: Cell::new(null_mut()),
            last: Cell::new(null_mut()),
            n_blocks: Cell::new(0),
        }
    }

    /// Adds a block of the batch's owner. Returns the new number of blocks.
    ///
    /// # Safety
    ///
    /// The block is free and the caller's.
    #[inline]
    unsafe fn add(&self, block: NonNull<u8>) -> usize {
        let n_blocks = self.n_blocks.get();
        let first = self.first.replace(block.as_ptr());
        match n_blocks {
            0 => self.last.set(block.as_ptr()),
            _ if first == block.as_ptr() => fatal(Misuse::DoubleFree),
            // SAFETY: by the caller's promise the block is free.
            _ => unsafe { link::write(block, first) },
        }
        self.n_blocks.set(n_blocks + 1);
        n_blocks + 1
    }

    /// Delivers the blocks to their owner, if there are any.
    fn deliver(&self) {
        if self.n_blocks.replace(0) == 0 {
            return;
        }
        if let (Some(first), Some(last)) = (
            NonNull::new(self.first.get()),
            NonNull::new(self.last.get()),
        ) {
            // SAFETY: by the promise in `RemoteCache::add`, the list stays, and these are freed blocks of its heap and
            // class.
            unsafe { (*self.list.get()).push(Chain { first, last }) };
        }
    }
}

impl RemoteCache {
    /// A cache without blocks.
    pub(crate) const fn new() -> Self {
        Self {
            batches: [const { Batch::new() }; CLASS_END],
            waiting: Cell::new(0),
            since: Cell::new(0),
        }
    }

    /// Adds a block for an owner's remote free list. Delivers the batch if it is full, or if it held another owner's
    /// blocks.
    ///
    /// # Safety
    ///
    /// The block is of the list's heap and of this class, and the caller frees it. The list stays where it is for as long
    /// as the process.
    #[inline]
    pub(crate) unsafe fn add(&self, list: &RemoteFreeList, class: usize, block: NonNull<u8>) {
        let batch = &self.batches[class];
        if batch.list.get() != core::ptr::from_ref(list) {
            batch.deliver();
            batch.list.set(list);
        }
        // SAFETY: by the caller's promise the block is free and the caller's.
        let n_blocks = unsafe { batch.add(block) };
        let waiting = self.waiting.get();
        if waiting == 0 {
            self.since.set(clock::update_clock());
        }
        self.waiting.set(waiting | 1 << class);
        if n_blocks >= BATCH_BLOCKS || n_blocks * classes::size_of(class) >= BATCH_BYTES {
            batch.deliver();
        }
    }

    /// Delivers all batches if [`DELAY`] is over.
    pub(crate) fn flush_old(&self, now: u32) {
        if now.wrapping_sub(self.since.get()) >= DELAY {
            self.flush();
        }
    }

    /// Delivers all batches.
    pub(crate) fn flush(&self) {
        let mut waiting = self.waiting.take();
        while waiting != 0 {
            let class = waiting.trailing_zeros() as usize;
            waiting &= waiting - 1;
            self.batches[class].deliver();
        }
    }
}
