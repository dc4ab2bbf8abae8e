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
    /// The owner's remote free list of this class; null if no block waits.
    list: Cell<*const RemoteFreeList>,
    first: Cell<*mut u8>,
    last: Cell<*mut u8>,
    /// How many more blocks the batch takes.
    room: Cell<usize>,
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

/// What became of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// It waits.
    Waiting,
    /// It waits, and its batch is full.
    Full,
    /// The class has no batch for this owner.
    Refused,
}

impl Batch {
    const fn new() -> Self {
        Self {
            list: Cell::new(null()),
            first: Cell::new(null_mut()),
            last: Cell::new(null_mut()),
            room: Cell::new(0),
        }
    }

    /// Counts a block that was added.
    #[inline(always)]
    fn count(&self) -> Added {
        let room = self.room.get() - 1;
        self.room.set(room);
        if room == 0 {
            Added::Full
        } else {
            Added::Waiting
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

    /// Adds a block to the batch of its class, if the batch has blocks of the same owner. After [`Added::Full`] the
    /// caller delivers the batch.
    ///
    /// # Safety
    ///
    /// The block is of the list's heap and of this class, which is one, and the caller frees it unless it is refused.
    #[inline(always)]
    pub(crate) unsafe fn add(
        &self,
        list: &RemoteFreeList,
        class: usize,
        block: NonNull<u8>,
    ) -> Added {
        debug_assert!(class < CLASS_END);
        // SAFETY: the caller's class is one.
        let batch = unsafe { self.batches.get_unchecked(class) };
        if batch.list.get() != core::ptr::from_ref(list) {
            return Added::Refused;
        }
        let first = batch.first.get();
        if first == block.as_ptr() {
            fatal(Misuse::DoubleFree);
        }
        // SAFETY: by the caller's promise the block is free and the caller's.
        unsafe { link::write(block, first) };
        batch.first.set(block.as_ptr());
        batch.count()
    }

    /// Begins a batch with a block that [`add`](Self::add) refused. Delivers the batch that the class had.
    ///
    /// # Safety
    ///
    /// As for `add`. The list stays where it is for as long as the process.
    pub(crate) unsafe fn begin(
        &self,
        list: &RemoteFreeList,
        class: usize,
        block: NonNull<u8>,
    ) -> Added {
        self.deliver(class);
        let waiting = self.waiting.get();
        if waiting == 0 {
            self.since.set(clock::update_clock());
        }
        self.waiting.set(waiting | 1 << class);
        let batch = &self.batches[class];
        batch.list.set(list);
        batch.first.set(block.as_ptr());
        batch.last.set(block.as_ptr());
        let n_in_bytes = BATCH_BYTES.div_ceil(classes::size_of(class));
        batch.room.set(n_in_bytes.min(BATCH_BLOCKS));
        batch.count()
    }

    /// Delivers the batch of a class to its owner, if there is one.
    pub(crate) fn deliver(&self, class: usize) {
        let batch = &self.batches[class];
        let list = batch.list.replace(null());
        self.waiting.set(self.waiting.get() & !(1 << class));
        let ends = (
            NonNull::new(batch.first.get()),
            NonNull::new(batch.last.get()),
        );
        if let (false, (Some(first), Some(last))) = (list.is_null(), ends) {
            // SAFETY: by the promise of `begin`, the list stays, and these are freed blocks of its heap and class.
            unsafe { (*list).push(Chain { first, last }) };
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
        while self.waiting.get() != 0 {
            self.deliver(self.waiting.get().trailing_zeros() as usize);
        }
    }
}
