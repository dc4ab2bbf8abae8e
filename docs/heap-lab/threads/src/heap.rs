//! A heap of blocks of one class: its list, its slabs, and what it shares with the other thread.

use std::cell::RefCell;
use std::ptr::{NonNull, null_mut};

use crate::link;
use crate::primitive::Cell;
use crate::remote::remote_cache::RemoteCache;
use crate::remote::remote_list::RemoteFreeList;
use crate::slab::Slab;

/// Where a block came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The list had it.
    List,
    /// The list was empty, and became the remote free list.
    RemoteList,
    /// No list had a block, and it was carved from the slab that is not carved to its end.
    Slab,
    /// It is the first block of a new slab.
    NewSlab,
}

/// A thread's heap.
#[derive(Debug)]
pub(crate) struct Heap {
    /// The free blocks that the thread pops and pushes, last in first out.
    list: Cell<*mut u8>,
    pub(crate) remote_list: RemoteFreeList,
    pub(crate) remote_cache: RemoteCache,
    slabs: RefCell<Vec<Slab>>,
}

impl Heap {
    pub(crate) const fn new() -> Self {
        Self {
            list: Cell::new(null_mut()),
            remote_list: RemoteFreeList::new(),
            remote_cache: RemoteCache::new(),
            slabs: RefCell::new(Vec::new()),
        }
    }

    /// Takes a block from the first source that has one, as `crates/thread-cached/src/slow/refill.rs` does.
    pub(crate) fn allocate(&self) -> (NonNull<u8>, Origin) {
        if let Some(block) = self.pop() {
            return (block, Origin::List);
        }
        if let Some(first) = self.remote_list.take() {
            self.list.set(first.as_ptr());
            let block = self.pop().expect("a chain has a block");
            return (block, Origin::RemoteList);
        }
        let mut slabs = self.slabs.borrow_mut();
        if let Some(block) = slabs.last_mut().and_then(Slab::carve) {
            return (block, Origin::Slab);
        }
        let mut slab = Slab::new();
        let block = slab.carve().expect("a new slab has blocks");
        slabs.push(slab);
        (block, Origin::NewSlab)
    }

    fn pop(&self) -> Option<NonNull<u8>> {
        let block = NonNull::new(self.list.get())?;
        // SAFETY: a block in the list is free and linked.
        self.list.set(unsafe { link::read(block) });
        Some(block)
    }

    /// Pushes a block of this heap onto its list.
    ///
    /// # Safety
    ///
    /// The block is of this heap and in no list, and the caller frees it.
    pub(crate) unsafe fn push(&self, block: NonNull<u8>) {
        // SAFETY: by the caller's promise the block is free.
        unsafe { link::write(block, self.list.get()) };
        self.list.set(block.as_ptr());
    }

    /// Returns the blocks of the list, the first one first.
    pub(crate) fn listed(&self) -> Vec<NonNull<u8>> {
        chain(self.list.get())
    }

    /// Returns the blocks of the remote free list, the first one first.
    pub(crate) fn sent(&self) -> Vec<NonNull<u8>> {
        chain(self.remote_list.peek())
    }

    /// Returns the place of a block in the order of carving, if it is one of this heap.
    pub(crate) fn index(&self, block: NonNull<u8>) -> Option<usize> {
        let slabs = self.slabs.borrow();
        let slabs = slabs.iter().enumerate();
        let mut found =
            slabs.filter_map(|(n, slab)| Some(n * Slab::n_blocks() + slab.index(block)?));
        found.next()
    }

    /// Returns the block that was carved at a place in that order.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub(crate) fn block(&self, index: usize) -> NonNull<u8> {
        self.slabs.borrow()[index / Slab::n_blocks()].block(index % Slab::n_blocks())
    }
}

/// Follows the links from `first` to the end.
fn chain(first: *mut u8) -> Vec<NonNull<u8>> {
    // SAFETY: the blocks of a list are free and linked, and the caller's thread is the only one.
    let next = |block: &NonNull<u8>| NonNull::new(unsafe { link::read(*block) });
    std::iter::successors(NonNull::new(first), next).collect()
}
