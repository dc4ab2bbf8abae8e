//! Pages that blocks have touched.

use std::collections::HashMap;
use std::ops::Range;

use super::Seen;
use crate::memory::page_len;

/// Pages whose flags lie in one vector.
const CHUNK: usize = 512;

/// The pages in which blocks have lain so far.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    page_len: usize,
    /// Which pages of a chunk were touched, by the chunk's number.
    chunks: HashMap<usize, Vec<bool>>,
    n_touched: usize,
}

impl Pages {
    pub(crate) fn new() -> Self {
        Self {
            page_len: page_len(),
            chunks: HashMap::new(),
            n_touched: 0,
        }
    }

    /// Takes the block of a step in.
    pub(crate) fn add(&mut self, seen: Seen<'_>) {
        if let Some((block, layout)) = seen.placed() {
            let start = block.addr().get();
            let last = start + layout.size() - 1;
            self.touch(start / self.page_len, last / self.page_len);
        }
    }

    /// Bytes of the pages touched.
    pub(crate) fn bytes(&self) -> usize {
        self.n_touched * self.page_len
    }

    /// Bytes of the whole pages in `range` that were touched.
    pub(crate) fn bytes_in(&self, range: Range<usize>) -> usize {
        let numbers = range.start.div_ceil(self.page_len)..range.end / self.page_len;
        let is_touched = |number: &usize| {
            let chunk = self.chunks.get(&(number / CHUNK));
            chunk.is_some_and(|chunk| chunk[number % CHUNK])
        };
        numbers.filter(is_touched).count() * self.page_len
    }

    fn touch(&mut self, first: usize, last: usize) {
        for number in first / CHUNK..=last / CHUNK {
            let chunk = self.chunks.entry(number);
            let chunk = chunk.or_insert_with(|| vec![false; CHUNK]);
            let start = first.max(number * CHUNK) % CHUNK;
            let end = last.min(number * CHUNK + CHUNK - 1) % CHUNK;
            for page in &mut chunk[start..=end] {
                self.n_touched += usize::from(!*page);
                *page = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_counts_once() {
        let mut pages = Pages::new();
        pages.touch(3, 3);
        pages.touch(2, 4);
        assert_eq!(pages.bytes(), 3 * pages.page_len);
        let page = pages.page_len;
        assert_eq!(pages.bytes_in(page..4 * page + 1), 2 * page);
        pages.touch(CHUNK - 1, 3 * CHUNK);
        assert_eq!(pages.bytes(), (3 + 2 * CHUNK + 2) * pages.page_len);
    }
}
