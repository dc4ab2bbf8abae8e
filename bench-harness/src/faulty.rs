//! Broken allocators: they show that the harness reports a broken one and goes on.

use std::alloc::Layout;
use std::ptr::NonNull;

use core_api::{AllocError, Allocator, Region, align};

/// Ends its process with `SIGABRT` at the first request.
#[derive(Debug)]
pub(crate) struct Crashing;

// SAFETY: it never returns a block.
unsafe impl Allocator for Crashing {
    fn allocate(&mut self, _layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        std::process::abort()
    }
    unsafe fn deallocate(&mut self, _block: NonNull<u8>, _layout: Layout) {}
}

/// Keeps the first caller waiting for ever.
#[derive(Debug)]
pub(crate) struct Hanging;

// SAFETY: it never returns a block.
unsafe impl Allocator for Hanging {
    fn allocate(&mut self, _layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        loop {
            std::thread::park();
        }
    }
    unsafe fn deallocate(&mut self, _block: NonNull<u8>, _layout: Layout) {}
}

/// Puts every block at the start of its heap.
#[derive(Debug)]
pub(crate) struct Overlapping(Region);

impl Overlapping {
    /// One block in `region`, again and again.
    pub(crate) fn new(region: Region) -> Self {
        Self(region)
    }
}

// SAFETY: none: it breaks the promise that blocks are disjoint, which is what it is for. The bytes
// it hands out are those of its region.
unsafe impl Allocator for Overlapping {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let fits = layout.size() <= self.0.len() && layout.align() <= 4096;
        let block = NonNull::slice_from_raw_parts(self.0.base(), layout.size());
        fits.then_some(block).ok_or(AllocError)
    }
    unsafe fn deallocate(&mut self, _block: NonNull<u8>, _layout: Layout) {}

    // Moving a block would copy it onto itself.
    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        _old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let fits = new_size <= self.0.len();
        let resized = NonNull::slice_from_raw_parts(block, new_size);
        fits.then_some(resized).ok_or(AllocError)
    }
}

/// What a [`Careless`] does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It takes no block back, and says that it takes every byte back.
    Leaks,
    /// The blocks that it returns have half of the bytes.
    HalvesSizes,
    /// Each block starts where the last one ended.
    IgnoresAlignments,
}

/// Moves a pointer, with a fault.
#[derive(Debug)]
pub(crate) struct Careless {
    region: Region,
    used: usize,
    fault: Fault,
}

impl Careless {
    /// Nothing of `region` is used.
    pub(crate) fn new(region: Region, fault: Fault) -> Self {
        Self {
            region,
            used: 0,
            fault,
        }
    }
}

// SAFETY: the blocks are disjoint parts of the region. Beyond that, breaking promises is what it is for.
unsafe impl Allocator for Careless {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let align = match self.fault {
            Fault::IgnoresAlignments => 1,
            _ => layout.align(),
        };
        let pad = align::padding(self.region.start() + self.used, align);
        let len = match self.fault {
            Fault::HalvesSizes => layout.size() / 2,
            _ => layout.size().max(1),
        };
        let left = self.region.len() - self.used;
        if pad > left || len.max(1) > left - pad {
            return Err(AllocError);
        }
        let start = self.region.at_offset(self.used + pad);
        self.used += pad + len.max(1);
        let start = NonNull::new(start).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(start, len))
    }

    unsafe fn deallocate(&mut self, _block: NonNull<u8>, _layout: Layout) {}
}
