//! Sorts free blocks by their addresses, without memory of its own.

use crate::GRANULE;
use crate::heap::Heap;
use crate::linear::Linear;

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    /// The logarithm of the number of lists that serve as buckets.
    const DIGIT: u32 = LISTS.ilog2();

    /// Sorts `n` blocks, the highest first, and returns the first one. The free lists are empty before and after.
    ///
    /// Blocks are distributed by the leading digits of their addresses, as many as there are blocks, and then put into
    /// their places among the few that share these digits.
    ///
    /// # Safety
    ///
    /// `list` is the first of `n` free blocks, each with the address of the next.
    pub(crate) unsafe fn sort(&mut self, list: usize, n: usize) -> usize {
        let span = (self.end - self.start) / GRANULE;
        let bits = usize::BITS - span.leading_zeros();
        let mut shift = bits;
        while shift > 0 && n >> (bits - shift) != 0 {
            shift = shift.saturating_sub(Self::DIGIT);
        }
        let mut list = list;
        while shift < bits {
            // SAFETY: the caller's promise; a pass keeps the blocks.
            list = unsafe { self.distribute(list, shift) };
            shift += Self::DIGIT;
        }
        // SAFETY: as above.
        unsafe { self.settle(list) }
    }

    /// Orders blocks by one digit of their addresses, the highest last. Blocks with the same digit keep their order.
    ///
    /// # Safety
    ///
    /// As for [`sort`](Self::sort).
    unsafe fn distribute(&mut self, mut list: usize, shift: u32) -> usize {
        let mut tails = [0; LISTS];
        // SAFETY: the blocks are free by the caller's promise, so nothing else uses their words. A digit is less than
        // `LISTS`.
        unsafe {
            while list != 0 {
                let digit = (((list - self.start) / GRANULE) >> shift) & ((1 << Self::DIGIT) - 1);
                let tail = core::mem::replace(tails.get_unchecked_mut(digit), list);
                match tail {
                    0 => *self.heads.get_unchecked_mut(digit) = list,
                    _ => self.set_next(tail, list),
                }
                list = self.next(list);
            }
            for digit in (0..1 << Self::DIGIT).rev() {
                if tails[digit] != 0 {
                    self.set_next(tails[digit], list);
                    list = core::mem::take(&mut self.heads[digit]);
                }
            }
        }
        list
    }

    /// Sorts blocks that are nearly in order, the lowest first, into one list, the highest first.
    ///
    /// # Safety
    ///
    /// As for [`sort`](Self::sort).
    unsafe fn settle(&mut self, mut list: usize) -> usize {
        let mut sorted = 0;
        // SAFETY: the blocks are free by the caller's promise, so nothing else uses their words.
        unsafe {
            while list != 0 {
                let block = list;
                list = self.next(block);
                let mut link = &raw mut sorted;
                while *link > block {
                    link = self.link(*link);
                }
                self.set_next(block, *link);
                *link = block;
            }
        }
        sorted
    }
}
