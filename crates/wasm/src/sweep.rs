//! Merges all free blocks with their free neighbours.

use core::mem::take;

use crate::classes::Classes;
use crate::heap::Heap;
use crate::linear::Linear;

impl<S: Linear, const LISTS: usize> Heap<S, LISTS> {
    // ANCHOR: sweep
    /// Merges all free blocks with their neighbours. O(free blocks).
    #[inline(never)]
    pub(crate) fn sweep(&mut self) {
        // SAFETY: `collect` returns free blocks of the heap in one list, and leaves no other.
        unsafe {
            let (list, n) = self.collect();
            let mut list = self.sort(list, n);
            let mut n_left = 0;
            while list != 0 {
                let mut block = list;
                let end = block + self.own_len(block);
                loop {
                    list = self.next(block);
                    if list == 0 || list + self.own_len(list) != block {
                        break;
                    }
                    block = list;
                }
                n_left += 1;
                match end == self.end {
                    true => self.open = block..end,
                    false => self.put(block..end),
                }
            }
            self.wait = n_left / 256;
        }
    }
    // ANCHOR_END: sweep

    /// Takes all blocks out of their lists, and the open range; returns them in one list, and their number.
    fn collect(&mut self) -> (usize, usize) {
        let open = take(&mut self.open);
        let (mut list, mut n) = (0, 0);
        // SAFETY: by I1 the blocks and the open range are free memory of the heap, with room for two words.
        unsafe {
            if !open.is_empty() {
                self.set_len(open.start, open.len());
                self.set_next(open.start, 0);
                (list, n) = (open.start, 1);
            }
            for class in 0..LISTS {
                let mut block = take(&mut self.heads[class]);
                while block != 0 {
                    if class < Classes::<LISTS>::N_EXACT {
                        self.set_len(block, Classes::<LISTS>::len_of(class));
                    }
                    let next = self.next(block);
                    self.set_next(block, list);
                    (list, block) = (block, next);
                    n += 1;
                }
            }
        }
        (list, n)
    }
}
