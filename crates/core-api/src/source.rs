//! Who hands out regions: a static buffer, a borrowed slice, or (in `mmap-backed`) the OS.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

use crate::Region;

/// The most that a heap on a source can grow to, known before the program runs.
///
/// An allocator may rely on it to leave code and tables out, and never asks a source for more than
/// it announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Growth {
    /// One region, whose length is final when it is acquired.
    Never,
    /// One region, which may be extended.
    InPlace,
    /// Any number of regions, each of which may be extended.
    Regions,
}

/// Hands regions to an allocator and takes them back.
///
/// A source returns memory and gets no access to the heap that asked, so it cannot re-enter it.
///
/// Only `acquire` must be written. What is provided is right for every source and promises the least:
/// override it to promise more.
///
/// # Safety
///
/// Every region returned satisfies [`Region::new`]'s conditions until it is released, is disjoint
/// from every other region not yet released, and stays valid when the source value is moved. No
/// method unwinds, allocates from the heap it serves, or otherwise calls into it. If
/// [`ZEROED`](Self::ZEROED), the bytes of a region that was just acquired, or by which a region
/// was just extended, are zero.
pub unsafe trait Source {
    /// Whether fresh memory is known to be zero.
    const ZEROED: bool = false;

    /// Whether `release` and `release_tail` make the memory available to others.
    const CAN_RELEASE: bool = false;

    /// How far a heap on this source can grow.
    const GROWTH: Growth = Growth::Regions;

    /// A new region of at least `min_len` bytes, or `None` if there is none.
    fn acquire(&mut self, min_len: usize) -> Option<Region>;

    /// Makes the region longer in place by at least `by` bytes and returns it with its new length.
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
    /// `region` is exactly what this source last returned for it, and is not used again.
    unsafe fn release(&mut self, region: Region) {
        let _ = region;
    }

    /// Takes back up to `by` bytes from the region's end and returns what is left of it.
    ///
    /// # Safety
    ///
    /// `region` is exactly what this source last returned for it, `by <= region.len()`, and its
    /// last `by` bytes are not used again unless they lie in the region returned.
    unsafe fn release_tail(&mut self, region: Region, by: usize) -> Region {
        let _ = by;
        region
    }

    /// Regions and extensions come in multiples of this many bytes.
    fn granularity(&self) -> usize {
        1
    }
}

/// 10 MiB: the heap of the first phases.
pub const DEFAULT_HEAP_LEN: usize = 10 << 20;

/// A heap of `N` bytes in the program's own static memory.
///
/// As a [`Source`], `&'static StaticHeap` hands its bytes out once, as one region. The bytes start
/// at a multiple of 4,096 and cost nothing in the executable (they are in `.bss`).
///
/// It can be shared ([`Sync`]), which a `static` needs, on every target with compare-and-swap, and with
/// the feature `critical-section` on the others, such as `thumbv6m` and `riscv32i`.
///
/// ```
/// use core_api::{Source, StaticHeap};
/// static HEAP: StaticHeap<4096> = StaticHeap::new();
/// let region = (&HEAP).acquire(1).unwrap();
/// assert_eq!(region.len(), 4096);
/// assert!((&HEAP).acquire(1).is_none(), "one heap has one owner");
/// ```
#[repr(C, align(4096))]
pub struct StaticHeap<const N: usize = DEFAULT_HEAP_LEN> {
    bytes: UnsafeCell<MaybeUninit<[u8; N]>>,
    taken: AtomicBool,
}

impl<const N: usize> StaticHeap<N> {
    /// A heap nobody owns yet.
    #[expect(
        clippy::new_without_default,
        reason = "a heap by value is an accident: it belongs into a static"
    )]
    pub const fn new() -> Self {
        Self {
            bytes: UnsafeCell::new(MaybeUninit::zeroed()),
            taken: AtomicBool::new(false),
        }
    }
}

// SAFETY: the bytes are reached only through the region that `acquire` hands out at most once, which
// `take` decides for one thread or interrupt at a time.
#[cfg(any(target_has_atomic = "8", feature = "critical-section"))]
unsafe impl<const N: usize> Sync for StaticHeap<N> {}

/// Whether the caller is the first to ask, where nobody comes between the load and the store.
#[cfg(any(not(target_has_atomic = "8"), all(test, feature = "critical-section")))]
fn take_alone(taken: &AtomicBool) -> bool {
    let is_first = !taken.load(Ordering::Acquire);
    taken.store(true, Ordering::Release);
    is_first
}

/// Whether the caller is the first to ask: without compare-and-swap, in a critical section.
#[cfg(all(feature = "critical-section", any(not(target_has_atomic = "8"), test)))]
fn take_in_section(taken: &AtomicBool) -> bool {
    critical_section::with(|_| take_alone(taken))
}

/// Whether the caller is the first to ask.
#[cfg(target_has_atomic = "8")]
fn take(taken: &AtomicBool) -> bool {
    !taken.swap(true, Ordering::AcqRel)
}

#[cfg(all(not(target_has_atomic = "8"), feature = "critical-section"))]
use take_in_section as take;

// The heap is not `Sync` then.
#[cfg(not(any(target_has_atomic = "8", feature = "critical-section")))]
use take_alone as take;

// SAFETY: the region covers bytes of a static, which nobody else reaches (`taken`), forever. They
// are zero because the static is and nobody wrote before.
unsafe impl<const N: usize> Source for &'static StaticHeap<N> {
    const ZEROED: bool = true;
    const GROWTH: Growth = Growth::Never;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        if min_len > N || !take(&self.taken) {
            return None;
        }
        let base = NonNull::new(self.bytes.get().cast::<u8>())?;
        // SAFETY: `N` bytes of a static, handed out once.
        Some(unsafe { Region::new(base, N) })
    }
}

/// A source of one region, once.
#[derive(Debug)]
pub struct Fixed {
    region: Option<Region>,
}

impl Fixed {
    /// Hands out `region` to the first who asks.
    ///
    /// # Safety
    ///
    /// The region's bytes belong to this source alone, for as long as it or anything made from it
    /// is in use: a [`Region`] can be copied, so that its type does not say who has it.
    pub const unsafe fn new(region: Region) -> Self {
        Self {
            region: Some(region),
        }
    }
}

// SAFETY: the region satisfies `Region::new`'s conditions and is handed out once.
unsafe impl Source for Fixed {
    const GROWTH: Growth = Growth::Never;

    fn acquire(&mut self, min_len: usize) -> Option<Region> {
        self.region.take_if(|region| region.len() >= min_len)
    }
}

/// A source of one region, once: a buffer borrowed for `'a`.
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
    /// Hands out `buffer` to the first who asks.
    pub const fn new(buffer: &'a mut [MaybeUninit<u8>]) -> Self {
        let len = buffer.len();
        let base = buffer.as_mut_ptr().cast::<u8>();
        // SAFETY: the pointer comes from a reference, which is exclusive for `'a`; the allocator
        // that owns this source cannot live longer.
        let fixed = unsafe { Fixed::new(Region::new(NonNull::new_unchecked(base), len)) };
        Self {
            fixed,
            buffer: PhantomData,
        }
    }
}

// SAFETY: as for `Fixed`; the borrow keeps everyone else away for `'a`.
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
