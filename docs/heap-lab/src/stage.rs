//! The stages that a figure can show, by name.

use bump::Bump;
use coalescing::{Deferred, Immediate};
use core_api::{Allocator, Fixed, Inspect, Reset};
use fit_strategies::{BestFit, FirstFit, NextFit, WorstFit};
use freelist::FreeList;

use crate::memory::{Committed, Memory, Pages};

/// A stage with its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// `bump`.
    Bump,
    /// `freelist`.
    FreeList,
    /// `fit-strategies` with first fit, and so on.
    FirstFit,
    /// See [`FirstFit`](Self::FirstFit).
    NextFit,
    /// See [`FirstFit`](Self::FirstFit).
    BestFit,
    /// See [`FirstFit`](Self::FirstFit).
    WorstFit,
    /// `coalescing`, which defers the merging of small blocks.
    Coalescing,
    /// `coalescing`, which merges at once.
    CoalescingStrict,
    /// `coalescing`, which merges at once, on simulated pages: the heap grows and can be trimmed.
    CoalescingPages,
    /// `headerless`.
    Headerless,
}

/// What a block looks like in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Blocks have no metadata, be they used or free.
    None,
    /// Eight bytes: a size in granules and four letters; a link in the payload of free blocks.
    Letters,
    /// Four bytes: a size in granules and two bits; two links and a footer in free blocks.
    Bits,
}

impl Stage {
    /// Every stage, in the order of the ladder.
    pub const ALL: [Self; 10] = [
        Self::Bump,
        Self::FreeList,
        Self::FirstFit,
        Self::NextFit,
        Self::BestFit,
        Self::WorstFit,
        Self::Coalescing,
        Self::CoalescingStrict,
        Self::CoalescingPages,
        Self::Headerless,
    ];

    /// Returns the name that figures call the stage by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bump => "bump",
            Self::FreeList => "freelist",
            Self::FirstFit => "first-fit",
            Self::NextFit => "next-fit",
            Self::BestFit => "best-fit",
            Self::WorstFit => "worst-fit",
            Self::Coalescing => "coalescing",
            Self::CoalescingStrict => "coalescing-strict",
            Self::CoalescingPages => "coalescing-pages",
            Self::Headerless => "headerless",
        }
    }

    /// Returns the stage of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    pub(crate) const fn format(self) -> Format {
        match self {
            Self::Bump | Self::Headerless => Format::None,
            Self::FreeList | Self::FirstFit | Self::NextFit | Self::BestFit | Self::WorstFit => {
                Format::Letters
            }
            Self::Coalescing | Self::CoalescingStrict | Self::CoalescingPages => Format::Bits,
        }
    }

    /// Returns a heap of this stage on `memory`. A `threshold` of 0 leaves the stage's own split threshold.
    ///
    /// # Safety
    ///
    /// As [`Memory::source`].
    pub(crate) unsafe fn heap(
        self,
        memory: &Memory,
        threshold: usize,
        committed: Committed,
    ) -> Box<dyn Rung> {
        if self == Self::CoalescingPages {
            // SAFETY: the caller's promise.
            let pages = unsafe { Pages::new(memory, committed) };
            return Box::new(coalescing::CoalescingHeap::<_, 8, Immediate>::new(pages));
        }
        // SAFETY: the caller's promise; the other branch did not make a source.
        let source = unsafe { memory.source() };
        match self {
            Self::Bump => Box::new(Bump::new(source)),
            Self::FreeList => Box::new(FreeList::new(source)),
            Self::FirstFit => fitting::<FirstFit>(source, threshold),
            Self::NextFit => fitting::<NextFit>(source, threshold),
            Self::BestFit => fitting::<BestFit>(source, threshold),
            Self::WorstFit => fitting::<WorstFit>(source, threshold),
            Self::Coalescing => Box::new(coalescing::CoalescingHeap::<_, 8, Deferred>::new(source)),
            Self::CoalescingStrict | Self::CoalescingPages => {
                Box::new(coalescing::CoalescingHeap::<_, 8, Immediate>::new(source))
            }
            Self::Headerless => Box::new(headerless::HeaderlessHeap::new(source)),
        }
    }
}

fn fitting<P: fit_strategies::Fit + 'static>(source: Fixed, threshold: usize) -> Box<dyn Rung> {
    Box::new(match threshold {
        0 => fit_strategies::FitHeap::<_, P>::new(source),
        _ => fit_strategies::FitHeap::<_, P>::with_split_threshold(source, threshold),
    })
}

/// A stage's heap.
pub(crate) trait Rung: Allocator + Inspect {
    /// Frees everything; returns false if the stage cannot.
    fn clear(&mut self) -> bool {
        false
    }

    /// Returns the address of the rover, or `None` at the list's start; `None` outside if the stage has none.
    fn rover(&self) -> Option<Option<usize>> {
        None
    }

    /// Gives free bytes at the end beyond `keep` back to the source; `None` if the stage cannot.
    fn give_back(&mut self, keep: usize) -> Option<usize> {
        let _ = keep;
        None
    }
}

impl Rung for Bump<Fixed> {
    fn clear(&mut self) -> bool {
        self.reset();
        true
    }
}

impl Rung for FreeList<Fixed> {}

impl<P: fit_strategies::Fit> Rung for fit_strategies::FitHeap<Fixed, P> {
    fn rover(&self) -> Option<Option<usize>> {
        P::ROVING.then(|| self.rover())
    }
}

impl Rung for coalescing::CoalescingHeap<Fixed, 8, Deferred> {}

impl Rung for coalescing::CoalescingHeap<Fixed, 8, Immediate> {}

impl Rung for coalescing::CoalescingHeap<Pages, 8, Immediate> {
    fn give_back(&mut self, keep: usize) -> Option<usize> {
        Some(self.trim(keep))
    }
}

impl Rung for headerless::HeaderlessHeap<Fixed> {}
