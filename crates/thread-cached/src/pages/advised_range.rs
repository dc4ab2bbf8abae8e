//! The range of pages for which a heap advised huge pages.

use crate::primitive::{AtomicU32, AtomicU64, Ordering};

/// The pages `from..until`, for which a heap advised huge pages, except large blocks among them; none if `until` is 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pages {
    pub(crate) from: u32,
    pub(crate) until: u32,
}

impl Pages {
    pub(crate) const NONE: Self = Self { from: 0, until: 0 };

    const fn bits(self) -> u64 {
        (self.from as u64) << 32 | self.until as u64
    }

    const fn of_bits(bits: u64) -> Self {
        Self {
            from: (bits >> 32) as u32,
            until: bits as u32,
        }
    }
}

/// The advised range of a heap. The owner extends it; a purging thread takes all of it.
#[derive(Debug)]
pub(crate) struct AdvisedRange {
    pages: AtomicU64,
    /// Pages of slabs beyond `until` since `until` moved. Only the owner uses it.
    pub(crate) n_beyond: AtomicU32,
}

impl AdvisedRange {
    pub(crate) const fn new() -> Self {
        Self {
            pages: AtomicU64::new(Pages::NONE.bits()),
            n_beyond: AtomicU32::new(0),
        }
    }

    pub(crate) fn pages(&self) -> Pages {
        Pages::of_bits(self.pages.load(Ordering::Relaxed))
    }

    /// Takes the whole range. Any thread may call this.
    pub(crate) fn take(&self) -> Pages {
        Pages::of_bits(self.pages.swap(Pages::NONE.bits(), Ordering::Relaxed))
    }

    /// Replaces the range; `false` if another thread took it meanwhile.
    pub(crate) fn replace(&self, old: Pages, new: Pages) -> bool {
        let (old, new) = (old.bits(), new.bits());
        let replaced = self
            .pages
            .compare_exchange(old, new, Ordering::Relaxed, Ordering::Relaxed);
        replaced.is_ok()
    }
}
