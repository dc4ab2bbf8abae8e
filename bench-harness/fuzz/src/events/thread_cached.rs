//! Other heaps and another thread allocate and free, heaps change hands, pages go back.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator};
use thread_cached::{PrivateHeap, ThreadCached};

use super::Eventful;
use super::other_thread::{Job, on_other_thread};

/// Events from here on.
const FREED_BY_OTHERS: u8 = 128;
const ALLOCATED_BY_OTHERS: u8 = 192;
const PURGED: u8 = 224;
const LEFT: u8 = 232;
const LEFT_BY_OTHERS: u8 = 240;

/// The calling thread's heap frees as well, where it has one.
impl Eventful for PrivateHeap {
    fn happen(&mut self, event: u8) {
        match event {
            LEFT_BY_OTHERS.. => enter(),
            LEFT.. => ThreadCached::new().leave(),
            PURGED.. => drop(self.purge()),
            _ => {}
        }
    }

    unsafe fn deallocate_on(&mut self, event: u8, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the caller's promise is passed on; any thread's heap may free the block.
        unsafe {
            match event >= FREED_BY_OTHERS {
                true => ThreadCached::new().deallocate(block, layout),
                false => self.deallocate(block, layout),
            }
        }
    }
}

/// Gives the calling thread a heap.
fn enter() {
    let layout = Layout::new::<u64>();
    if let Ok(block) = ThreadCached::new().allocate(layout) {
        // SAFETY: the block is live, and nobody else has it.
        unsafe { ThreadCached::new().deallocate(block.cast(), layout) }
    }
}

/// Another thread allocates and frees as well.
impl Eventful for ThreadCached {
    fn happen(&mut self, event: u8) {
        match event {
            LEFT_BY_OTHERS.. => drop(on_other_thread(Job::Leave)),
            LEFT.. => self.leave(),
            PURGED.. => drop(self.purge()),
            _ => {}
        }
    }

    fn allocate_on(&mut self, event: u8, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        match event >= ALLOCATED_BY_OTHERS {
            true => on_other_thread(Job::Allocate(layout)).ok_or(AllocError),
            false => self.allocate(layout),
        }
    }

    unsafe fn deallocate_on(&mut self, event: u8, block: NonNull<u8>, layout: Layout) {
        if event >= FREED_BY_OTHERS {
            on_other_thread(Job::Deallocate(block, layout));
        } else {
            // SAFETY: the caller's promise is passed on.
            unsafe { self.deallocate(block, layout) }
        }
    }

    /// What a thread collected is delivered when it leaves its heap, and the lists of a heap that
    /// nobody has can be seen.
    fn settle(&self) {
        on_other_thread(Job::Leave);
        self.leave();
    }
}
