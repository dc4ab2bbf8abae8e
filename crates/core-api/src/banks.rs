//! Two sources as one: memory in several banks.

use crate::{Growth, Region, Source};

/// Two sources, the first of which is asked first. Pairs nest: `(fast, (slow, slower))` are three banks.
///
/// The regions are neither extended nor given back.
///
/// ```
/// use core_api::{Source, StaticHeap};
///
/// static FAST: StaticHeap<1024> = StaticHeap::new();
/// static SLOW: StaticHeap<4096> = StaticHeap::new();
///
/// let mut banks = (&FAST, &SLOW);
/// assert_eq!(banks.acquire(100).map(|region| region.len()), Some(1024));
/// assert_eq!(banks.acquire(100).map(|region| region.len()), Some(4096));
/// assert!(banks.acquire(100).is_none());
/// ```
// SAFETY: each region is one of the two sources' own, and neither is released.
unsafe impl<A: Source, B: Source> Source for (A, B) {
    const ZEROED: bool = A::ZEROED && B::ZEROED;
    const GROWTH: Growth = Growth::Regions;
    const MAX_REGION: usize = if A::MAX_REGION > B::MAX_REGION {
        A::MAX_REGION
    } else {
        B::MAX_REGION
    };

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        let first = self.0.acquire(min_len);
        first.or_else(|| self.1.acquire(min_len))
    }
}
