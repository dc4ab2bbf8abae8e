//! `PrivateHeap`: a private heap, dropped whole.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::AllocError;

use crate::front::in_place;
use crate::front::methods::allocator_on;
use crate::front::resize;
use crate::front::zeroed;
use crate::giving_back::maintenance;
use crate::heap::HeapRef;
use crate::heap::owned::Owned;
use crate::lifecycle::registry;

/// A private heap. Dropping it frees every block in it.
///
/// One thread at a time uses it, through `&mut`. Any thread may free its blocks with
/// [`ThreadCached`](crate::ThreadCached) while the heap lives. It never gets more address space than it was created
/// with: 16 GiB, or less where that is limited.
///
/// ```
/// use core::alloc::Layout;
/// use core_api::{Allocator, Inspect};
///
/// let mut heap = thread_cached::PrivateHeap::new()?;
/// for size in 1..1000 {
///     heap.allocate(Layout::array::<u8>(size)?)?;
/// }
/// assert_eq!(heap.stats().n_used, 999);
/// drop(heap); // and with it the 999 blocks
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PrivateHeap(HeapRef);

// SAFETY: the handle owns the heap, and whichever thread has the handle is its only user.
unsafe impl Send for PrivateHeap {}

impl PrivateHeap {
    /// Creates a heap without blocks.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no address space or no memory for it.
    pub fn new() -> Result<Self, AllocError> {
        let heap = registry::create(true).ok_or(AllocError)?;
        Ok(Self(heap.heap_ref()))
    }

    /// Gives every free page back to the OS now. Returns the bytes given back. O(pages of
    /// the heap + free blocks).
    pub fn purge(&mut self) -> usize {
        maintenance::purge_all(self.owned())
    }

    /// The heap, which the handle owns.
    #[inline(always)]
    pub(crate) fn owned(&self) -> Owned<'_> {
        // SAFETY: only the handle leads to the heap, and it is `Send` but not `Sync`: the calling thread has it.
        unsafe { Owned::new(self.0) }
    }
}

impl Drop for PrivateHeap {
    fn drop(&mut self) {
        // SAFETY: the handle is gone, and with it every block.
        unsafe { registry::destroy(self.owned()) };
    }
}

allocator_on!(PrivateHeap, self => self.owned().maybe());
