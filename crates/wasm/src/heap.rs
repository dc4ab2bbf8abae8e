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
    /// A pointer whose provenance covers the memory.
    pub(crate) base: *mut u8,
    pub(crate) source: S,
}

/// The number of blocks of a list that a search looks at.
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
        if let Some(block) = self.find(len, PROBES) {
            return Some(block);
        }
        let may_sweep = self.wait == 0;
        if may_sweep {
            self.sweep();
            if let Some(block) = self.find(len, usize::MAX) {
                return Some(block);
            }
        }
        if !self.grow(len) {
            if may_sweep {
                return None;
            }
            self.sweep();
        }
        self.find(len, usize::MAX)
    }

    /// Takes `len` bytes from a free block of the class, from the open range, or from a free block above.
    #[inline(never)]
    fn find(&mut self, len: usize, n_probes: usize) -> Option<usize> {
        let class = Classes::<LISTS>::below(len).min(LISTS - 1);
        if let Some(block) = self.find_in(class, len, n_probes) {
            return Some(block);
        }
        if self.open.len() >= len {
            let block = self.open.start;
            self.open.start += len;
            return Some(block);
        }
        for class in class + 1..LISTS {
            if self.heads[class] != 0 {
                return self.find_in(class, len, n_probes);
            }
        }
        None
    }

    /// Takes `len` bytes of one of the first blocks of a list.
    fn find_in(&mut self, class: usize, len: usize, n_probes: usize) -> Option<usize> {
        let (mut previous, mut block) = (0, self.heads[class]);
        for _ in 0..n_probes {
            if block == 0 {
                break;
            }
            // SAFETY: by I3 and I4 the blocks of the list are free, so nothing else uses them.
            unsafe {
                let next = self.next(block);
                let found = self.len(block, class);
                if found >= len {
                    match previous {
                        0 => self.heads[class] = next,
                        _ => self.set_next(previous, next),
                    }
                    self.open_larger(block + len..block + found);
                    return Some(block);
                }
                (previous, block) = (block, next);
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
        if range.len() > self.open.len() {
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
            .field("open_len", &self.open.len())
            .finish_non_exhaustive()
    }
}
