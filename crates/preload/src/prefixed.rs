//! The bump stage with what C's `free` needs: each block's size, written in front of it.

use core::alloc::Layout;
use core::ops::ControlFlow;
use core::ptr::NonNull;

use bump::Bump;
use core_api::{
    AllocError, Allocator, Block, Corruption, Inspect, Misuse, Reclaims, SizelessFree, fatal,
};

use crate::family::ALIGN;
use crate::source::Reserved;

/// What stands right before a payload.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct Prefix {
    /// Bytes of bump's block.
    len: usize,
    /// Bytes of the block before the payload, this prefix included; the block's alignment.
    lead: usize,
}

const PREFIX: usize = size_of::<Prefix>();

impl Prefix {
    /// The layout that bump's block was allocated with.
    fn layout(self) -> Layout {
        Layout::from_size_align(self.len, self.lead)
            .unwrap_or_else(|_| fatal(Misuse::CorruptHeader))
    }
}

/// A bump heap whose blocks know their size.
#[derive(Debug)]
pub struct Prefixed {
    bump: Bump<Reserved>,
}

impl Prefixed {
    /// A heap that will take its memory from `source`.
    pub const fn new(source: Reserved) -> Self {
        Self {
            bump: Bump::new(source),
        }
    }

    /// The block of bump's that holds `payload`, and its prefix.
    fn find(&self, payload: NonNull<u8>) -> (NonNull<u8>, Prefix) {
        let region = self.bump.region();
        let address = payload.addr().get().wrapping_sub(PREFIX);
        if !region.contains(address) || !address.is_multiple_of(ALIGN) {
            fatal(Misuse::ForeignPointer);
        }
        // SAFETY: `set` wrote it there when the block was handed out.
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
    /// `block` is bump's, has `len` bytes, and `lead` of them are not its user's.
    unsafe fn set(&self, block: NonNull<u8>, len: usize, lead: usize) -> NonNull<[u8]> {
        // SAFETY: the payload and the prefix before it lie in the block, both at a multiple of 16.
        unsafe {
            let payload = block.add(lead);
            payload.sub(PREFIX).cast().write(Prefix { len, lead });
            NonNull::slice_from_raw_parts(payload, len - lead)
        }
    }
}

// SAFETY: a block is the end of one of bump's, which are disjoint and stay where they are; its lead
// keeps the alignment, which is a power of two and at least 16.
unsafe impl Allocator for Prefixed {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        let lead = layout.align().max(PREFIX);
        let len = layout.size().checked_add(lead).ok_or(AllocError)?;
        let block = Layout::from_size_align(len, lead).map_err(|_| AllocError)?;
        let block = self.bump.allocate(block)?;
        // SAFETY: the block was returned just now, and is `lead` bytes longer than asked for.
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

// SAFETY: the prefix knows the length of the block.
unsafe impl SizelessFree for Prefixed {
    unsafe fn free(&mut self, block: NonNull<u8>) {
        let (block, prefix) = self.find(block);
        // SAFETY: bump's block, with its layout, which its user gives up.
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
        // SAFETY: a live block with its layout; the new length is far below the limit, or else the
        // heap is too short for it.
        let resized = unsafe { self.bump.resize_in_place(block, prefix.layout(), new_len) };
        if let Ok(block) = resized {
            // SAFETY: the block is the one that was resized.
            return Ok(unsafe { self.set(block.cast(), block.len(), prefix.lead) });
        }
        let moved = self.allocate(new)?;
        let kept = new.size().min(prefix.len - prefix.lead);
        // SAFETY: both payloads are live, hence disjoint, and have `kept` bytes; the old one is not
        // used again.
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
