//! Sources of regions: a static buffer, a borrowed slice, or (in `mmap-backed`) the OS.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::Region;

/// How a heap on a source can grow, known at compile time.
///
/// An allocator may rely on it to leave code and tables out, and never asks a source for more than the
/// source announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Growth {
    /// One region, whose length never changes.
    Never,
    /// One region, which may be extended.
    InPlace,
    /// Any number of regions, each of which may be extended.
    Regions,
}

/// Hands regions to an allocator and takes them back.
///
/// A source returns memory and has no access to the heap that asked, so it cannot re-enter the heap.
///
/// A source must implement only `acquire`. The provided items are right for every source, and promise the
/// least; a source overrides them to promise more.
///
/// # Safety
///
/// Every returned region satisfies [`Region::new`]'s conditions until it is released, is disjoint
/// from every other region not yet released, has at most [`MAX_REGION`](Self::MAX_REGION) bytes, and stays
/// valid when the source value moves. No method unwinds, allocates from the heap that it serves, or otherwise
/// calls into that heap. If [`ZEROED`](Self::ZEROED) is true, the bytes of a newly acquired region, and the
/// bytes that an extension adds, are zero.
pub unsafe trait Source {
    /// True if fresh memory is known to be zero.
    const ZEROED: bool = false;

    /// True if `release` and `release_tail` make the memory available to others.
    const CAN_RELEASE: bool = false;

    /// How far a heap on this source can grow.
    const GROWTH: Growth = Growth::Regions;

    /// The most bytes that a region can have, also after it was extended. A heap on short regions has smaller tables.
    const MAX_REGION: usize = usize::MAX;

    /// Returns a new region of at least `min_len` bytes, or `None` if there is none.
    fn acquire(&mut self, min_len: usize) -> Option<Region>;

    /// Extends the region in place by at least `by` bytes and returns it with its new length.
    ///
    /// # Safety
    ///
    /// `region` is exactly what this source last returned for it.
    unsafe fn extend(&mut self, region: Region, by: usize) -> Option<Region> {
        let _ = (region, by);
        None
    }

    /// Takes a region back.
    ///
    /// # Safety
    ///
    /// `region` is exactly what this source last returned for it, and nothing uses it again.
    unsafe fn release(&mut self, region: Region) {
        let _ = region;
    }

    /// Takes back up to `by` bytes from the region's end and returns the rest of the region.
    ///
    /// # Safety
    ///
    /// `region` is exactly what this source last returned for it, and `by <= region.len()`. Nothing uses its
    /// last `by` bytes again unless they lie in the returned region.
    unsafe fn release_tail(&mut self, region: Region, by: usize) -> Region {
        let _ = by;
        region
    }

    /// Returns the granularity: regions and extensions come in multiples of this many bytes.
    fn granularity(&self) -> usize {
        1
    }
}

/// The heap of the first phases: 10 MiB.
pub const DEFAULT_HEAP_LEN: usize = 10 << 20;

/// A heap of `N` bytes in the program's own static memory.
///
/// As a [`Source`], `&'static StaticHeap` hands its bytes out once, as one region. The bytes cost nothing in the
/// executable (they are in `.bss`). They start at a multiple of 4,096; on bare metal, which has no pages and little
/// memory, at a multiple of 16.
///
/// A `static` must be [`Sync`]. A `StaticHeap` is `Sync` on every target with compare-and-swap, and on the
/// others, such as `thumbv6m` and `riscv32i`, with the feature `critical-section`.
///
/// ```
/// use core_api::{Source, StaticHeap};
/// static HEAP: StaticHeap<4096> = StaticHeap::new();
/// let region = (&HEAP).acquire(1).unwrap();
/// assert_eq!(region.len(), 4096);
/// assert!((&HEAP).acquire(1).is_none(), "one heap has one owner");
/// ```
#[cfg_attr(target_os = "none", repr(C, align(16)))]
#[cfg_attr(not(target_os = "none"), repr(C, align(4096)))]
pub struct StaticHeap<const N: usize = DEFAULT_HEAP_LEN> {
    bytes: UnsafeCell<MaybeUninit<[u8; N]>>,
    taken: AtomicBool,
}

impl<const N: usize> StaticHeap<N> {
    /// Returns a heap that has not handed out its bytes.
    #[expect(
        clippy::new_without_default,
        reason = "a heap by value is an accident: it belongs in a static"
    )]
    pub const fn new() -> Self {
        Self {
            bytes: UnsafeCell::new(MaybeUninit::zeroed()),
            taken: AtomicBool::new(false),
        }
    }
}

// SAFETY: only the region reaches the bytes. `acquire` hands it out at most once, because `take` returns true
// to one thread or interrupt only.
#[cfg(any(target_has_atomic = "8", feature = "critical-section"))]
unsafe impl<const N: usize> Sync for StaticHeap<N> {}

/// Returns true to the first caller, if nothing runs between the load and the store.
#[cfg(any(not(target_has_atomic = "8"), all(test, feature = "critical-section")))]
fn take_alone(taken: &AtomicBool) -> bool {
    let is_first = !taken.load(Ordering::Acquire);
    taken.store(true, Ordering::Release);
    is_first
}

/// Returns true to the first caller: without compare-and-swap, in a critical section.
#[cfg(all(feature = "critical-section", any(not(target_has_atomic = "8"), test)))]
fn take_in_section(taken: &AtomicBool) -> bool {
    critical_section::with(|_| take_alone(taken))
}

/// Returns true to the first caller.
#[cfg(target_has_atomic = "8")]
fn take(taken: &AtomicBool) -> bool {
    !taken.swap(true, Ordering::AcqRel)
}

#[cfg(all(not(target_has_atomic = "8"), feature = "critical-section"))]
use take_in_section as take;

// No race is possible: without atomics and critical sections the heap is not `Sync`.
#[cfg(not(any(target_has_atomic = "8", feature = "critical-section")))]
use take_alone as take;

// SAFETY: the region covers the bytes of a static, which live forever. `taken` keeps every other user away.
// The bytes are zero, because the static is zero and nothing has written to it.
unsafe impl<const N: usize> Source for &'static StaticHeap<N> {
    const ZEROED: bool = true;
    const GROWTH: Growth = Growth::Never;
    const MAX_REGION: usize = N;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        if min_len > N || !take(&self.taken) {
            return None;
        }
        let base = NonNull::new(self.bytes.get().cast::<u8>())?;
        // SAFETY: the static has `N` bytes, and `take` lets the source hand them out only once.
        Some(unsafe { Region::new(base, N) })
    }
}

/// A source that hands out one region, once.
#[derive(Debug)]
pub struct Fixed {
    region: Option<Region>,
}

impl Fixed {
    /// Returns a source that hands out `region` at the first `acquire` that it satisfies.
    ///
    /// # Safety
    ///
    /// The region's bytes belong to this source alone, as long as the source or anything made from it is in
    /// use. (A [`Region`] is `Copy`, so its type does not prove this.)
    pub const unsafe fn new(region: Region) -> Self {
        Self {
            region: Some(region),
        }
    }
}

// SAFETY: the region satisfies `Region::new`'s conditions, and `take_if` hands it out once.
unsafe impl Source for Fixed {
    const GROWTH: Growth = Growth::Never;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        self.region.take_if(|region| region.len() >= min_len)
    }
}

/// A source that hands out one region, once: a buffer borrowed for `'a`.
///
/// The allocator on top cannot outlive the buffer.
///
/// ```
/// use core::mem::MaybeUninit;
/// use core_api::{Borrowed, Source};
/// let mut buffer = [MaybeUninit::uninit(); 256];
/// let mut source = Borrowed::new(&mut buffer);
/// assert_eq!(source.acquire(100).unwrap().len(), 256);
/// ```
#[derive(Debug)]
pub struct Borrowed<'a> {
    fixed: Fixed,
    buffer: PhantomData<&'a mut [MaybeUninit<u8>]>,
}

impl<'a> Borrowed<'a> {
    /// Returns a source that hands out `buffer` at the first `acquire` that it satisfies.
    pub const fn new(buffer: &'a mut [MaybeUninit<u8>]) -> Self {
        let len = buffer.len();
        let base = buffer.as_mut_ptr().cast::<u8>();
        // SAFETY: the pointer comes from a reference that is exclusive for `'a`, and the allocator that owns this
        // source cannot outlive `'a`.
        let fixed = unsafe { Fixed::new(Region::new(NonNull::new_unchecked(base), len)) };
        Self {
            fixed,
            buffer: PhantomData,
        }
    }
}

// SAFETY: as for `Fixed`; the borrow excludes other users for `'a`.
unsafe impl Source for Borrowed<'_> {
    const GROWTH: Growth = Growth::Never;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        self.fixed.acquire(min_len)
    }
}

#[cfg(all(test, feature = "critical-section"))]
mod tests {
    use std::thread;
    use std::vec::Vec;

    use super::*;

    #[test]
    fn one_thread_takes_a_heap() {
        for taker in [take, take_in_section] {
            let taken = AtomicBool::new(false);
            let takers: Vec<_> = thread::scope(|scope| {
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| taker(&taken))).collect();
                threads.into_iter().map(|thread| thread.join()).collect()
            });
            let n_first = takers
                .iter()
                .filter(|first| *first.as_ref().unwrap())
                .count();
            assert_eq!(n_first, 1);
        }
    }

    #[test]
    fn a_heap_is_taken_once_without_compare_and_swap() {
        let taken = AtomicBool::new(false);
        assert!(take_in_section(&taken));
        assert!(!take_in_section(&taken));
        assert!(!take(&taken), "both look at the same flag");
    }
}
