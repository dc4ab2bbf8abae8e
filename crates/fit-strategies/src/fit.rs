//! Which hole to take: four policies, and a layer that counts what they look at.
//!
//! A policy sees the free blocks as an iterator of things it can measure and cannot follow. It
//! stops the search by not asking for the next one, so what it costs is what it takes from the
//! iterator.
#![forbid(unsafe_code)]

/// A free block, as a policy sees it.
///
/// ```
/// use fit_strategies::{BestFit, Candidate, FirstFit, Fit, NextFit, WorstFit};
///
/// /// A hole of so many bytes, at that address.
/// struct Hole(usize);
///
/// impl Candidate for Hole {
///     fn address(&self) -> usize {
///         self.0
///     }
///     fn size(&self) -> usize {
///         self.0
///     }
///     fn fits(&self) -> bool {
///         self.0 >= 24
///     }
/// }
///
/// fn chosen(mut policy: impl Fit) -> Option<usize> {
///     let holes = [16, 40, 24, 64].map(Hole).into_iter();
///     policy.choose(24, holes).map(|hole| hole.size())
/// }
///
/// assert_eq!((chosen(FirstFit), chosen(NextFit)), (Some(40), Some(40)));
/// assert_eq!((chosen(BestFit), chosen(WorstFit)), (Some(24), Some(64)));
/// ```
pub trait Candidate {
    /// Address of the block's first byte.
    fn address(&self) -> usize;

    /// Bytes of the block, header included.
    fn size(&self) -> usize;

    /// Whether the request fits in, alignment included.
    fn fits(&self) -> bool;
}

/// Chooses among the free blocks.
///
/// A policy is plain safe code. It cannot break the heap: a choice that does not fit counts as no
/// choice, a candidate cannot outlive the search that showed it, and a panic ends the process.
///
/// ```
/// use fit_strategies::{Candidate, Fit, FitHeap};
///
/// /// Takes the last hole of the list that is large enough.
/// struct LastFit;
///
/// impl Fit for LastFit {
///     const NEW: Self = Self;
///     fn choose<C: Candidate>(
///         &mut self,
///         _size: usize,
///         candidates: impl Iterator<Item = C>,
///     ) -> Option<C> {
///         candidates.filter(C::fits).last()
///     }
/// }
///
/// use core_api::{Allocator, Borrowed};
///
/// let mut buffer = [core::mem::MaybeUninit::uninit(); 256];
/// let mut heap = FitHeap::<_, LastFit>::new(Borrowed::new(&mut buffer));
/// assert!(heap.allocate(core::alloc::Layout::new::<u64>()).is_ok());
/// ```
pub trait Fit: Sized {
    /// The policy before its first choice.
    const NEW: Self;

    /// Whether a search resumes where the last choice was made, and goes round, rather than
    /// beginning with the first block of the list.
    const ROVING: bool = false;

    /// The candidate to take for a block of `size` bytes (header included), or `None` to let the
    /// request fail. Candidates come in the list's order, each free block at most once.
    fn choose<C: Candidate>(
        &mut self,
        size: usize,
        candidates: impl Iterator<Item = C>,
    ) -> Option<C>;
}

// ANCHOR: policies
/// Takes the first candidate that fits.
///
/// Source: Knuth, *The Art of Computer Programming* 1, §2.5, Algorithm A.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirstFit;

impl Fit for FirstFit {
    const NEW: Self = Self;

    #[inline]
    fn choose<C: Candidate>(
        &mut self,
        _size: usize,
        mut candidates: impl Iterator<Item = C>,
    ) -> Option<C> {
        candidates.find(C::fits)
    }
}

/// Takes the first candidate that fits after the place of the last choice: first fit with a
/// rover, so that small leftovers do not pile up at the front of the list.
///
/// Source: Knuth, *The Art of Computer Programming* 1, §2.5, exercise 6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NextFit;

impl Fit for NextFit {
    const NEW: Self = Self;
    const ROVING: bool = true;

    #[inline]
    fn choose<C: Candidate>(
        &mut self,
        _size: usize,
        mut candidates: impl Iterator<Item = C>,
    ) -> Option<C> {
        candidates.find(C::fits)
    }
}

/// Takes the smallest candidate that fits, the first of several; stops at an exact fit.
///
/// Source: Wilson, Johnstone, Neely and Boles, *Dynamic Storage Allocation: A Survey and Critical
/// Review* (1995), §3.4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BestFit;

impl Fit for BestFit {
    const NEW: Self = Self;

    #[inline]
    fn choose<C: Candidate>(
        &mut self,
        size: usize,
        candidates: impl Iterator<Item = C>,
    ) -> Option<C> {
        let mut best: Option<C> = None;
        for candidate in candidates {
            let is_better = best
                .as_ref()
                .is_none_or(|best| candidate.size() < best.size());
            if is_better && candidate.fits() {
                let is_exact = candidate.size() == size;
                best = Some(candidate);
                if is_exact {
                    break;
                }
            }
        }
        best
    }
}

/// Takes the largest candidate that fits, the first of several, so that what is left over stays useful.
///
/// Source: the fourth policy of the textbooks on operating systems, which compare it with the three others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorstFit;

impl Fit for WorstFit {
    const NEW: Self = Self;

    #[inline]
    fn choose<C: Candidate>(
        &mut self,
        _size: usize,
        candidates: impl Iterator<Item = C>,
    ) -> Option<C> {
        let mut worst: Option<C> = None;
        for candidate in candidates {
            let is_larger = worst
                .as_ref()
                .is_none_or(|worst| candidate.size() > worst.size());
            if is_larger && candidate.fits() {
                worst = Some(candidate);
            }
        }
        worst
    }
}
// ANCHOR_END: policies

/// Counts what the policy inside looks at. A heap without this layer counts nothing.
///
/// ```
/// use core_api::{Allocator, Borrowed};
/// use fit_strategies::{Counting, FirstFit, FitHeap};
///
/// let mut buffer = [core::mem::MaybeUninit::uninit(); 256];
/// let mut heap = FitHeap::<_, Counting<FirstFit>>::new(Borrowed::new(&mut buffer));
/// heap.allocate(core::alloc::Layout::new::<u64>())?;
/// heap.allocate(core::alloc::Layout::new::<u64>())?;
/// assert_eq!(heap.policy().probes(), 2, "one free block to look at, twice");
/// # Ok::<(), core_api::AllocError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counting<P> {
    policy: P,
    probes: u64,
    searches: u64,
}

impl<P> Counting<P> {
    /// Number of free blocks looked at so far.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{Counting, FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, Counting<FirstFit>>::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u64>())?;
    /// assert_eq!(heap.policy().probes(), 1);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn probes(&self) -> u64 {
        self.probes
    }

    /// Number of searches so far; a request that needs the sweep searches twice.
    ///
    /// O(1).
    ///
    /// ```
    /// # use core::alloc::Layout;
    /// # use core::mem::MaybeUninit;
    /// # use core_api::{Allocator, Borrowed};
    /// # use fit_strategies::{Counting, FirstFit, FitHeap};
    /// # let mut buffer = [MaybeUninit::uninit(); 256];
    /// let mut heap = FitHeap::<_, Counting<FirstFit>>::new(Borrowed::new(&mut buffer));
    /// heap.allocate(Layout::new::<u64>())?;
    /// let before = heap.policy().searches();
    /// heap.allocate(Layout::new::<u64>())?;
    /// assert_eq!(heap.policy().searches(), before + 1);
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    pub const fn searches(&self) -> u64 {
        self.searches
    }
}

impl<P: Fit> Fit for Counting<P> {
    const NEW: Self = Self {
        policy: P::NEW,
        probes: 0,
        searches: 0,
    };
    const ROVING: bool = P::ROVING;

    fn choose<C: Candidate>(
        &mut self,
        size: usize,
        candidates: impl Iterator<Item = C>,
    ) -> Option<C> {
        self.searches += 1;
        let probes = &mut self.probes;
        let counted = candidates.inspect(|_| *probes += 1);
        self.policy.choose(size, counted)
    }
}
