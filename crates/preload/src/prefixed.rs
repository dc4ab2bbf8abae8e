//! The bump stage for C's `free`: it stores each block's size in front of the block.

use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use bump::Bump;
use core_api::{
    AllocError, Allocator, Block, Corruption, Inspect, Misuse, Reclaims, SizelessFree, fatal,
};

use crate::source::Reserved;

/// The record right before a payload.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct Prefix {
    /// Bytes of bump's block.
    len: usize,
    /// Bytes of the block before the payload, including this prefix; also the block's alignment.
    lead: usize,
}

const PREFIX: usize = size_of::<Prefix>();

impl Prefix {
    /// Returns the layout with which bump allocated the block.
    fn layout(self) -> Layout {
        Layout::from_size_align(self.len, self.lead)
            .unwrap_or_else(|_| fatal(Misuse::CorruptHeader))
    }
}

/// A bump heap that stores the size of each block.
#[derive(Debug)]
pub struct Prefixed {
    bump: Bump<Reserved>,
}

impl Prefixed {
    /// Returns a heap that takes its memory from `source`.
    pub const fn new(source: Reserved) -> Self {
        Self {
            bump: Bump::new(source),
        }
    }

    /// Returns bump's block that holds `payload`, and its prefix.
    fn find(&self, payload: NonNull<u8>) -> (NonNull<u8>, Prefix) {
        let region = self.bump.region();
        let address = payload.addr().get().wrapping_sub(PREFIX);
        if !region.contains(address) || !address.is_multiple_of(align_of::<Prefix>()) {
            fatal(Misuse::ForeignPointer);
        }
        // SAFETY: the address lies in the region at a multiple of 16, where `set` wrote the prefix of the live
        // block.
        let prefix = unsafe { region.at(address).cast::<Prefix>().read() };
        let block = region.at(payload.addr().get().wrapping_sub(prefix.lead));
        match NonNull::new(block) {
            Some(block) => (block, prefix),
            None => fatal(Misuse::CorruptHeader),
        }
    }

    /// Writes the prefix of a block of `len` bytes and returns its payload.
    ///
    /// # Safety
    ///
    /// `block` is a block of bump's heap with `len` bytes; its user does not own the first `lead` of them.
    unsafe fn set(&self, block: NonNull<u8>, len: usize, lead: usize) -> NonNull<[u8]> {
        // SAFETY: the payload and the prefix before it lie in the block, both at a multiple of 16.
        unsafe {
            let payload = block.add(lead);
            payload.sub(PREFIX).cast().write(Prefix { len, lead });
            NonNull::slice_from_raw_parts(payload, len - lead)
        }
    }
}

// SAFETY: each payload is the end of one of bump's blocks, which are disjoint and never move. The payload
// keeps the alignment, because `lead` is a multiple of it: a power of two, at least 16.
unsafe impl Allocator for Prefixed {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let lead = layout.align().max(PREFIX);
        let len = layout.size().checked_add(lead).ok_or(AllocError)?;
        let block = Layout::from_size_align(len, lead).map_err(|_| AllocError)?;
        let block = self.bump.allocate(block)?;
        // SAFETY: bump returned the block just now; it is `lead` bytes longer than the request.
        Ok(unsafe { self.set(block.cast(), block.len(), lead) })
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, _: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { self.free(block) }
    }

    fn reclaims(&self) -> Reclaims {
        self.bump.reclaims()
    }
}

// SAFETY: the prefix stores the length of the block.
unsafe impl SizelessFree for Prefixed {
    unsafe fn free(&mut self, block: NonNull<u8>) {
        let (block, prefix) = self.find(block);
        // SAFETY: `find` returned bump's block, the prefix has its layout, and the caller gives the block up.
        unsafe { self.bump.deallocate(block, prefix.layout()) }
    }

    unsafe fn usable_size(&self, block: NonNull<u8>) -> usize {
        let (_, prefix) = self.find(block);
        prefix.len - prefix.lead
    }

    unsafe fn realloc(
        &mut self,
        payload: NonNull<u8>,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let (block, prefix) = self.find(payload);
        let new_len = new.size().checked_add(prefix.lead).ok_or(AllocError)?;
        // SAFETY: the block is live and the prefix has its layout. A length near `isize::MAX` does not fit in
        // the heap, so that bump refuses it.
        let resized = unsafe { self.bump.resize_in_place(block, prefix.layout(), new_len) };
        if let Ok(block) = resized {
            // SAFETY: bump resized this block to `block.len()` bytes; its first `lead` bytes are the same.
            return Ok(unsafe { self.set(block.cast(), block.len(), prefix.lead) });
        }
        let moved = self.allocate(new)?;
        let kept = new.size().min(prefix.len - prefix.lead);
        // SAFETY: both payloads are live, hence disjoint, and have at least `kept` bytes; the caller does not
        // use the old one again.
        unsafe {
            moved.cast::<u8>().copy_from_nonoverlapping(payload, kept);
            self.free(payload);
        }
        Ok(moved)
    }
}

impl Inspect for Prefixed {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.bump.walk(visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        self.bump.check()
    }
}
