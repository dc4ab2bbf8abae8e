//! The memory of a heap, and the simulated pages that a growing heap asks for.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::Cell;
use std::ptr::NonNull;
use std::rc::Rc;

use core_api::{Fixed, Growth, Region, Source};

/// The heap begins at a multiple of this, so that offsets are aligned as addresses are.
const ALIGN: usize = 4096;

/// Zeroed bytes at an address of their own.
pub(crate) struct Memory {
    base: NonNull<u8>,
    layout: Layout,
}

impl Memory {
    pub(crate) fn new(len: usize) -> Self {
        let layout = Layout::from_size_align(len.max(1), ALIGN).expect("a heap of a few MiB");
        // SAFETY: the layout has at least one byte.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) });
        let base = base.unwrap_or_else(|| handle_alloc_error(layout));
        Self { base, layout }
    }

    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    pub(crate) fn len(&self) -> usize {
        self.layout.size()
    }

    /// Returns the offset of an address in this memory.
    pub(crate) fn offset(&self, address: usize) -> u32 {
        (address - self.base.addr().get()) as u32
    }

    /// Returns a source of all these bytes.
    ///
    /// # Safety
    ///
    /// The memory outlives the source and the heap on it, and has no other source.
    pub(crate) unsafe fn source(&self) -> Fixed {
        // SAFETY: the bytes lie in one allocation; the caller's promise makes the source their only user.
        unsafe { Fixed::new(Region::new(self.base, self.len())) }
    }

    /// Returns a copy of a part of the bytes; what lies outside is left out.
    pub(crate) fn bytes(&self, offset: u32, len: u32) -> Vec<u8> {
        let start = (offset as usize).min(self.len());
        let len = (len as usize).min(self.len() - start);
        // SAFETY: the range lies in the allocation, all of which was initialized. No call of the heap runs.
        let read = |index| unsafe { self.base.add(start + index).read() };
        (0..len).map(read).collect()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: `new` allocated the bytes with this layout.
        unsafe { dealloc(self.base.as_ptr(), self.layout) }
    }
}

/// How many bytes of a [`Pages`] source the heap has at the moment.
pub(crate) type Committed = Rc<Cell<usize>>;

/// A simulated operating system: hands out a range of a memory page by page, and takes pages back from its end.
pub(crate) struct Pages {
    base: NonNull<u8>,
    reserved: usize,
    committed: Committed,
}

impl Pages {
    /// Bytes of a simulated page: an eighth of a real one, so that a figure shows many.
    pub(crate) const PAGE: usize = 512;

    /// Returns a source of the whole pages of `memory`.
    ///
    /// # Safety
    ///
    /// As [`Memory::source`].
    pub(crate) unsafe fn new(memory: &Memory, committed: Committed) -> Self {
        Self {
            base: memory.base(),
            reserved: memory.len() / Self::PAGE * Self::PAGE,
            committed,
        }
    }

    /// Makes the range `len` bytes long, rounded up to pages; `None` if it is too short for that.
    fn commit(&mut self, len: usize) -> Option<Region> {
        let len = len.checked_next_multiple_of(Self::PAGE)?;
        if len > self.reserved {
            return None;
        }
        self.committed.set(len);
        // SAFETY: by the promise of `new` the bytes are the source's own, and `len` of them exist.
        Some(unsafe { Region::new(self.base, len) })
    }
}

// SAFETY: there is one region, which begins at `base`; its bytes are the source's own by the promise of `new`.
unsafe impl Source for Pages {
    /// More than a page's heap has, and as much in WebAssembly as natively: the heap has lists for so many bytes.
    const MAX_REGION: usize = 1 << 28;
    const CAN_RELEASE: bool = true;
    const GROWTH: Growth = Growth::InPlace;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        if self.committed.get() > 0 {
            return None;
        }
        self.commit(min_len)
    }

    unsafe fn extend(&mut self, region: Region, by: usize) -> Option<Region> {
        self.commit(region.len().checked_add(by)?)
    }

    unsafe fn release_tail(&mut self, region: Region, by: usize) -> Region {
        let keep = region.len() - by;
        self.commit(keep).unwrap_or(region)
    }

    fn granularity(&self) -> usize {
        Self::PAGE
    }
}
