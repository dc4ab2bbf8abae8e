//! The free lists, and the words of free blocks.
//!
//! An address names a block. These methods read and write by value, and derive each pointer from the heap's
//! region.

use core::ops::Range;

use crate::classes::Classes;
use crate::heap::{Heap, length};
use crate::linear::Linear;

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    /// Returns the pointer to an address in the heap.
    #[inline(always)]
    pub(crate) fn at(&self, address: usize) -> *mut u8 {
        self.base.with_addr(address)
    }

    /// Returns the pointer to a word of a block.
    #[inline(always)]
    fn word(&self, block: usize, index: usize) -> *mut usize {
        self.at(block + index * size_of::<usize>()).cast()
    }

    /// Returns the pointer to the word of a block that holds the next one of its list.
    #[inline(always)]
    pub(crate) fn link(&self, block: usize) -> *mut usize {
        self.word(block, 0)
    }

    /// Returns the block behind this one in its list, or 0.
    ///
    /// # Safety
    ///
    /// The block is free and in a list.
    #[inline(always)]
    pub(crate) unsafe fn next(&self, block: usize) -> usize {
        // SAFETY: by I1 the block lies in the heap and has room for two words; the list set the first.
        unsafe { self.word(block, 0).read() }
    }

    /// Sets the block behind this one.
    ///
    /// # Safety
    ///
    /// The block lies in the heap, and nothing uses it.
    #[inline(always)]
    pub(crate) unsafe fn set_next(&mut self, block: usize, next: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.word(block, 0).write(next) }
    }

    /// Returns the length that was [set](Self::set_len).
    ///
    /// # Safety
    ///
    /// The block is free, and its length was set.
    #[inline]
    pub(crate) unsafe fn own_len(&self, block: usize) -> usize {
        // SAFETY: as for `next`.
        unsafe { self.word(block, 1).read() }
    }

    /// Sets the length of a block.
    ///
    /// # Safety
    ///
    /// The block lies in the heap, and nothing uses it.
    #[inline]
    pub(crate) unsafe fn set_len(&mut self, block: usize, len: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.word(block, 1).write(len) }
    }

    /// Returns the length of a block in the list of `class`.
    ///
    /// # Safety
    ///
    /// The block is in that list.
    #[inline]
    pub(crate) unsafe fn len(&self, block: usize, class: usize) -> usize {
        if class < Classes::<LISTS>::N_EXACT {
            return Classes::<LISTS>::len_of(class);
        }
        // SAFETY: by I4 the length was set.
        unsafe { self.own_len(block) }
    }

    /// Takes the first block of a list, or returns 0.
    ///
    /// # Safety
    ///
    /// The class is less than `LISTS`.
    #[inline(always)]
    pub(crate) unsafe fn pop(&mut self, class: usize) -> usize {
        // SAFETY: the caller's promise for the class; by I3 and I4 the block is free and in this list.
        unsafe {
            let block = *self.heads.get_unchecked(class);
            if block != 0 {
                *self.heads.get_unchecked_mut(class) = self.next(block);
            }
            block
        }
    }

    /// Puts a block in front of a list.
    ///
    /// # Safety
    ///
    /// The class is less than `LISTS`. The heap owns the block, nothing uses it, and it may be in the list by I3 and I4.
    #[inline(always)]
    pub(crate) unsafe fn push(&mut self, class: usize, block: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let next = *self.heads.get_unchecked(class);
            self.set_next(block, next);
            *self.heads.get_unchecked_mut(class) = block;
        }
    }

    /// Puts a range into the lists: one block if it is long, else blocks of exact classes.
    ///
    /// # Safety
    ///
    /// The heap owns the range, and nothing uses it.
    #[inline(never)]
    pub(crate) unsafe fn put(&mut self, mut range: Range<usize>) {
        while !range.is_empty() {
            let block = range.start;
            let class = Classes::<LISTS>::below(length(&range));
            // SAFETY: the caller's promise; the block is as long as I3 and I4 demand.
            unsafe {
                if class >= Classes::<LISTS>::N_EXACT {
                    self.set_len(block, length(&range));
                    self.push(class.min(LISTS - 1), block);
                    return;
                }
                self.push(class, block);
            }
            range.start += Classes::<LISTS>::len_of(class);
        }
    }
}
