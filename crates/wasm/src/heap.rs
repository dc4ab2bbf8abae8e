//! Allocating: the list of the class, the open range, larger blocks, a sweep, more memory.

use core::fmt;
use core::ops::Range;

use crate::classes::Classes;
use crate::linear::Linear;

/// A heap on memory from `S`, without headers, that merges free blocks late.
///
/// `LISTS` is the number of its free lists: 7, 14, 28, 56 or 112. More lists make finer classes: less is wasted in a
/// block, and the heap's state is larger by a word for each.
pub struct Heap<S: Linear, const LISTS: usize = 56> {
    /// The first free block of each class, or 0.
    pub(crate) heads: [usize; LISTS],
    /// The range that blocks are cut from.
    pub(crate) open: Range<usize>,
    /// Start of the first granule.
    pub(crate) start: usize,
    /// End of the last granule.
    pub(crate) end: usize,
    /// Requests that the lists of their classes do not serve, before a sweep may precede growth.
    pub(crate) wait: usize,
    /// How often the heap grew.
    pub(crate) n_grown: usize,
    /// A pointer whose provenance covers the memory.
    pub(crate) base: *mut u8,
    pub(crate) source: S,
}

/// Returns the bytes of a range that does not end before it begins.
#[inline]
pub(crate) fn length(range: &Range<usize>) -> usize {
    range.end - range.start
}

/// The number of blocks of a list that a search looks at before a sweep.
const PROBES: usize = 8;

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    /// Returns an empty heap, which asks `source` for memory at the first request. O(1).
    pub const fn new(source: S) -> Self {
        Self {
            heads: [0; LISTS],
            open: 0..0,
            start: 0,
            end: 0,
            wait: 0,
            n_grown: 0,
            base: core::ptr::null_mut(),
            source,
        }
    }

    /// Returns the source.
    pub fn source_mut(&mut self) -> &mut S {
        &mut self.source
    }

    /// Takes `len` bytes, whole granules.
    #[inline(never)]
    pub(crate) fn take(&mut self, len: usize) -> Option<usize> {
        self.wait = self.wait.saturating_sub(1);
        let mut n_probes = PROBES;
        loop {
            if let Some(block) = self.find(len, n_probes) {
                return Some(block);
            }
            let is_swept = n_probes > PROBES;
            if (self.wait == 0 && !is_swept) || !self.grow(len) {
                if is_swept {
                    return None;
                }
                self.sweep();
                n_probes = usize::MAX;
            }
        }
    }

    /// Takes `len` bytes from one of the first free blocks of the class, from the open range, or from a free block
    /// above.
    #[inline(never)]
    fn find(&mut self, len: usize, n_probes: usize) -> Option<usize> {
        let first = Classes::<LISTS>::below(len).min(LISTS - 1);
        for class in first..LISTS {
            let mut link = &raw mut self.heads[class];
            for _ in 0..n_probes {
                // SAFETY: the link is a head, or the first word of a block in the list. By I3 and I4 such blocks are
                // free, so nothing else uses them.
                unsafe {
                    let block = *link;
                    if block == 0 {
                        break;
                    }
                    let found = self.len(block, class);
                    if found >= len {
                        *link = self.next(block);
                        self.open_larger(block + len..block + found);
                        return Some(block);
                    }
                    link = self.link(block);
                }
            }
            if class == first && length(&self.open) >= len {
                let block = self.open.start;
                self.open.start += len;
                return Some(block);
            }
        }
        None
    }

    /// Makes a range the open one if it is longer, and frees the shorter one.
    ///
    /// # Safety
    ///
    /// The heap owns the range, and nothing uses it.
    pub(crate) unsafe fn open_larger(&mut self, mut range: Range<usize>) {
        if length(&range) > length(&self.open) {
            core::mem::swap(&mut range, &mut self.open);
        }
        // SAFETY: the caller's promise, or I2 for the range that was open.
        unsafe { self.put(range) }
    }

    /// Frees a range: as a part of the open one if it lies in front of that, else as a block of its own.
    ///
    /// # Safety
    ///
    /// The heap owns the range, and nothing uses it.
    pub(crate) unsafe fn give(&mut self, range: Range<usize>) {
        if range.end == self.open.start {
            self.open.start = range.start;
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.put(range) }
        }
    }
}

// SAFETY: the addresses name memory that the heap owns.
unsafe impl<S: Linear + Send, const LISTS: usize> Send for Heap<S, LISTS> {}

impl<S: Linear, const LISTS: usize> fmt::Debug for Heap<S, LISTS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap")
            .field("len", &(self.end - self.start))
            .field("open_len", &length(&self.open))
            .finish_non_exhaustive()
    }
}
