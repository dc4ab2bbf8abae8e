//! Which bin a free span is in: exact lengths up to 31 pages, four bins for each doubling above.

/// Spans shorter than this have a bin for each length.
const EXACT: u32 = 32;

/// Enough for spans of 2²² pages, as many as a region has.
pub(crate) const N_BINS: usize = EXACT as usize + 4 * 18;

/// The bin of spans of `len` pages.
pub(crate) const fn bin_of(len: u32) -> usize {
    if len < EXACT {
        return len as usize;
    }
    let log2 = len.ilog2();
    let quarter = (len >> (log2 - 2)) & 3;
    (EXACT + 4 * (log2 - EXACT.ilog2()) + quarter) as usize
}

/// The first span of each bin, and which bins have one. Page 0 is never free: it means "none".
#[derive(Debug)]
pub(crate) struct Bins {
    heads: [u32; N_BINS],
    filled: u128,
}

impl Bins {
    pub(crate) const EMPTY: Self = Self {
        heads: [0; N_BINS],
        filled: 0,
    };

    pub(crate) const fn head(&self, bin: usize) -> u32 {
        self.heads[bin]
    }

    pub(crate) const fn set_head(&mut self, bin: usize, page: u32) {
        self.heads[bin] = page;
        match page {
            0 => self.filled &= !(1 << bin),
            _ => self.filled |= 1 << bin,
        }
    }

    /// The first bin from `bin` on that has a span.
    pub(crate) const fn filled_from(&self, bin: usize) -> Option<usize> {
        let above = self.filled >> bin;
        match above {
            0 => None,
            _ => Some(bin + above.trailing_zeros() as usize),
        }
    }

    /// The last bin that has a span.
    pub(crate) const fn last_filled(&self) -> Option<usize> {
        match self.filled.checked_ilog2() {
            Some(bin) => Some(bin as usize),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_spans_are_never_in_a_lower_bin() {
        let mut last = 0;
        for len in (1..100_000).chain([1 << 20, 1 << 22]) {
            let bin = bin_of(len);
            assert!(bin >= last && bin < N_BINS, "{len}");
            last = bin;
        }
    }

    #[test]
    fn a_bin_is_found_only_while_it_is_filled() {
        let mut bins = Bins::EMPTY;
        assert_eq!(bins.filled_from(0), None);
        bins.set_head(40, 7);
        assert_eq!(bins.filled_from(3), Some(40));
        assert_eq!(bins.filled_from(41), None);
        bins.set_head(7, 9);
        assert_eq!(bins.last_filled(), Some(40));
        bins.set_head(7, 0);
        bins.set_head(40, 0);
        assert_eq!((bins.filled_from(0), bins.last_filled()), (None, None));
    }
}
