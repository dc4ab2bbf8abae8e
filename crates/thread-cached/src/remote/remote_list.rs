//! The remote free list: other threads push freed blocks, and the owner takes all of them.

use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use crate::link::{self, Chain};
use crate::primitive::{AtomicPtr, Ordering};

/// A stack of blocks of one class. Any thread pushes; the owner takes all.
///
/// No thread pops a single block, so the ABA problem does not arise: a block that returns during a push does no
/// harm.
#[derive(Debug)]
pub(crate) struct RemoteFreeList {
    top: AtomicPtr<u8>,
}

impl RemoteFreeList {
    /// A list without blocks.
    pub(crate) const fn new() -> Self {
        Self {
            top: AtomicPtr::new(null_mut()),
        }
    }

    /// Pushes a chain of blocks, with one compare-and-swap if no other thread interferes. Ends the process if the
    /// chain's first block is on top already.
    ///
    /// # Safety
    ///
    /// The chain's blocks are free, of this list's heap and class, and the caller's alone.
    pub(crate) unsafe fn push(&self, chain: Chain) {
        let mut top = self.top.load(Ordering::Relaxed);
        loop {
            if top == chain.first.as_ptr() {
                fatal(Misuse::DoubleFree);
            }
            // SAFETY: by the caller's promise the chain is this thread's until the exchange succeeds.
            unsafe { link::write(chain.last, top) };
            let first = chain.first.as_ptr();
            // Release: the owner that takes the blocks sees their links, and what threads did with the blocks before.
            match self
                .top
                .compare_exchange_weak(top, first, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => top = now,
            }
        }
    }

    /// Takes all blocks. Returns the first of a chain that ends in null.
    pub(crate) fn take(&self) -> Option<NonNull<u8>> {
        if self.top.load(Ordering::Relaxed).is_null() {
            return None;
        }
        NonNull::new(self.top.swap(null_mut(), Ordering::Acquire))
    }

    /// Returns the first block and leaves it there.
    pub(crate) fn peek(&self) -> *mut u8 {
        self.top.load(Ordering::Acquire)
    }
}
