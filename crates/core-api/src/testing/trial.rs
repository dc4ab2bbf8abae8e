//! [`Trial`]: runs operations on an allocator, and compares each with the model.

use core::alloc::Layout;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use std::string::String;

use super::model;
use super::subject::Subject;
use super::{BlockId, Failure, Op, Shadow, Verdict};
use crate::AllocError;

/// An allocator under test: every call goes to the allocator and to the model, and the two must agree.
///
/// Methods return `Err` for a broken promise. If the allocator had no room, they return `Ok(None)` or
/// `Ok(false)`: that is not a failure.
pub(super) struct Trial<'a> {
    subject: &'a mut dyn Subject,
    shadow: Shadow,
    /// True if every call passes the block's last requested layout.
    as_asked: bool,
}

impl<'a> Trial<'a> {
    pub(super) fn new(subject: &'a mut dyn Subject, shadow: Shadow) -> Self {
        Self {
            subject,
            shadow,
            as_asked: false,
        }
    }

    /// Makes every later call pass the block's last requested layout, as a `Vec` does, and no other layout
    /// that fits.
    pub(super) fn name_as_asked(&mut self) {
        self.as_asked = true;
    }

    pub(super) fn subject(&self) -> &dyn Subject {
        self.subject
    }

    pub(super) fn shadow(&self) -> &Shadow {
        &self.shadow
    }

    /// Draws the heap as text: as the allocator shows it, or else as the model knows it.
    pub(super) fn heap_map(&self) -> Option<String> {
        let map = self.subject.heap_map();
        map.or_else(|| model::map(&self.shadow))
    }

    pub(super) fn allocate(&mut self, layout: Layout) -> Result<Option<BlockId>, Failure> {
        let result = self.subject.allocate(layout);
        self.allocated(result, layout, false)
    }

    pub(super) fn allocate_zeroed(&mut self, layout: Layout) -> Result<Option<BlockId>, Failure> {
        let result = self.subject.allocate_zeroed(layout);
        self.allocated(result, layout, true)
    }

    fn allocated(
        &mut self,
        result: Result<NonNull<[u8]>, AllocError>,
        layout: Layout,
        zeroed: bool,
    ) -> Result<Option<BlockId>, Failure> {
        let id = match result {
            // SAFETY: the allocator promises that the block may be used, and initialises a zeroed one.
            Ok(block) => Some(unsafe { self.shadow.insert(block, layout, zeroed)? }),
            Err(AllocError) => None,
        };
        self.examine()?;
        Ok(id)
    }

    pub(super) fn deallocate(&mut self, id: BlockId) -> Verdict {
        let layout = self.fitting(id, usize::MAX)?;
        let live = self.shadow.remove(id)?;
        // SAFETY: the block was live and the layout fits it.
        unsafe { self.subject.deallocate(owned(live.block, layout), layout) };
        self.examine()
    }

    /// Frees all live blocks: the oldest and the newest in turn, so that blocks are freed before, after and
    /// between their neighbours.
    pub(super) fn deallocate_all(&mut self) -> Verdict {
        self.shadow.verify_all()?;
        for turn in 0.. {
            let which = if turn % 2 == 0 { 0 } else { usize::MAX };
            let last = self.shadow.n_live().saturating_sub(1);
            let Some(id) = self.shadow.nth(which.min(last)) else {
                break;
            };
            self.deallocate(id)?;
        }
        Ok(())
    }

    pub(super) fn resize_in_place(&mut self, id: BlockId, to: usize) -> Result<bool, Failure> {
        let old = self.fitting(id, usize::MAX)?;
        let Ok(new) = Layout::from_size_align(to, old.align()) else {
            return Ok(false);
        };
        let block = self.live(id)?;
        // SAFETY: the block is live, the layout fits it, and the new size forms a layout.
        let result = unsafe { self.subject.resize_in_place(owned(block, old), old, to) };
        self.replaced(id, result, new, old.size().min(to), false)
    }

    pub(super) fn grow(&mut self, id: BlockId, new: Layout) -> Result<bool, Failure> {
        let (block, old) = (self.live(id)?, self.fitting(id, new.size())?);
        // SAFETY: the block is live, the layout fits it, and is not larger than the new one.
        let result = unsafe { self.subject.grow(owned(block, old), old, new) };
        self.replaced(id, result, new, old.size(), false)
    }

    pub(super) fn grow_zeroed(&mut self, id: BlockId, new: Layout) -> Result<bool, Failure> {
        let (block, old) = (self.live(id)?, self.fitting(id, new.size())?);
        // SAFETY: the block is live, the layout fits it, and is not larger than the new one.
        let result = unsafe { self.subject.grow_zeroed(owned(block, old), old, new) };
        self.replaced(id, result, new, old.size(), true)
    }

    pub(super) fn shrink(&mut self, id: BlockId, new: Layout) -> Result<bool, Failure> {
        let (block, old) = (self.live(id)?, self.fitting(id, usize::MAX)?);
        // SAFETY: the block is live, the layout fits it, and is not smaller than the new one.
        let result = unsafe { self.subject.shrink(owned(block, old), old, new) };
        self.replaced(id, result, new, new.size(), false)
    }

    fn replaced(
        &mut self,
        id: BlockId,
        result: Result<NonNull<[u8]>, AllocError>,
        new: Layout,
        kept: usize,
        zeroed: bool,
    ) -> Result<bool, Failure> {
        match result {
            // SAFETY: the allocator promises that the block may be used; the id is live.
            Ok(block) => unsafe { self.shadow.replace(id, block, new, kept, zeroed)? },
            Err(AllocError) => self
                .shadow
                .verify(id)
                .map_err(|failure| failure.during(&"after a call that failed"))?,
        }
        self.examine()?;
        Ok(result.is_ok())
    }

    pub(super) fn step(&mut self, op: Op) -> Verdict {
        match op {
            Op::Allocate { size, align } => {
                if let Ok(layout) = Layout::from_size_align(size, align) {
                    self.allocate(layout)?;
                }
            }
            Op::AllocateZeroed { size, align } => {
                if let Ok(layout) = Layout::from_size_align(size, align) {
                    self.allocate_zeroed(layout)?;
                }
            }
            Op::Deallocate { which } => {
                if let Some(id) = self.shadow.nth(which) {
                    self.deallocate(id)?;
                }
            }
            Op::ResizeInPlace { which, to } => {
                if let Some(id) = self.shadow.nth(which) {
                    self.resize_in_place(id, to)?;
                }
            }
            Op::Grow { which, by, align } => {
                if let Some((id, new)) = self.resized(which, align, |old| old.checked_add(by)) {
                    self.grow(id, new)?;
                }
            }
            Op::GrowZeroed { which, by, align } => {
                if let Some((id, new)) = self.resized(which, align, |old| old.checked_add(by)) {
                    self.grow_zeroed(id, new)?;
                }
            }
            Op::Shrink { which, to, align } => {
                if let Some((id, new)) = self.resized(which, align, |old| Some(old.min(to))) {
                    self.shrink(id, new)?;
                }
            }
        }
        Ok(())
    }

    /// Returns the block that `which` means, and its layout with a new size and alignment.
    fn resized(
        &self,
        which: usize,
        align: Option<usize>,
        size: impl FnOnce(usize) -> Option<usize>,
    ) -> Option<(BlockId, Layout)> {
        let id = self.shadow.nth(which)?;
        let old = self.shadow.get(id)?.layout;
        let align = align.unwrap_or(old.align());
        let new = Layout::from_size_align(size(old.size())?, align).ok()?;
        Some((id, new))
    }

    fn live(&self, id: BlockId) -> Result<NonNull<u8>, Failure> {
        match self.shadow.get(id) {
            Some(live) => Ok(live.block),
            None => Err(Failure::new("the block is not live")),
        }
    }

    /// Returns a layout of at most `max` bytes that fits the block: sometimes the requested one, sometimes one
    /// of the whole returned length, sometimes one between.
    fn fitting(&self, id: BlockId, max: usize) -> Result<Layout, Failure> {
        let Some(live) = self.shadow.get(id) else {
            return Err(Failure::new("the block is not live"));
        };
        let (size, usable) = (live.layout.size(), live.usable);
        let fitting = match self.shadow.n_live() % 3 {
            _ if self.as_asked => size,
            0 => size,
            1 => usable,
            _ => size + (usable - size) / 2,
        };
        Layout::from_size_align(fitting.min(max), live.layout.align())
            .map_err(|_| Failure::new("the length returned forms no layout"))
    }

    fn examine(&self) -> Verdict {
        self.subject.examine(&self.shadow)
    }
}

/// Narrows the block's pointer to the bytes of its layout, as a `Box` does before it frees its block.
///
/// # Safety
///
/// The block is live, has these bytes, and nothing uses it meanwhile.
unsafe fn owned(block: NonNull<u8>, layout: Layout) -> NonNull<u8> {
    let bytes = NonNull::slice_from_raw_parts(block.cast::<MaybeUninit<u8>>(), layout.size());
    // SAFETY: by the caller's promise the bytes are the block's and unused; `MaybeUninit` allows any contents.
    NonNull::from(unsafe { &mut *bytes.as_ptr() }).cast()
}
