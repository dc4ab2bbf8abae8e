//! Names for what can be wrong with an allocator, and what to do about it.

use super::promises::{Outcome, Promise};

/// What is wrong, as far as a broken promise tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Crashes,
    Hangs,
    Panics,
    Overlaps,
    LiesAboutSizes,
    Misaligned,
    OutOfBounds,
    LosesContent,
    NotZeroed,
    Leaks,
    Refuses,
    GrantsTooMuch,
    BreaksInvariant,
}

/// The faults that the test kit tells, and the words that tell each. The first counts: a leak, too, is told
/// by a request that must succeed.
const TOLD: &[(Fault, &[&str])] = &[
    (Fault::Panics, &["panicked"]),
    (Fault::Overlaps, &["overlaps"]),
    (Fault::LiesAboutSizes, &["is shorter than asked for"]),
    (Fault::Misaligned, &["is misaligned"]),
    (
        Fault::OutOfBounds,
        &["is not inside", "wraps around", "a byte was written"],
    ),
    (Fault::LosesContent, &["lost its content"]),
    (Fault::NotZeroed, &["is not zero"]),
    (Fault::GrantsTooMuch, &["must fail"]),
    (
        Fault::Leaks,
        &[
            "`reclaims` says",
            "no block is live, but",
            "does not come back",
        ],
    ),
    (Fault::Refuses, &["must succeed"]),
];

impl Fault {
    /// The fault that breaks the promise; `None` if it is kept or was not tried.
    pub(super) fn of(promise: &Promise) -> Option<Self> {
        match &promise.outcome {
            Outcome::Kept | Outcome::Untried => None,
            Outcome::Died(death) if death.is_hang() => Some(Self::Hangs),
            Outcome::Died(death) if death.to_string().contains("SIGABRT") => Some(Self::Panics),
            Outcome::Died(_) => Some(Self::Crashes),
            Outcome::Broken(broken) => Some(Self::told(&broken.what)),
        }
    }

    fn told(what: &str) -> Self {
        let is_told = |words: &[&str]| words.iter().any(|words| what.contains(words));
        let told = TOLD.iter().find(|(_, words)| is_told(words));
        told.map_or(Self::BreaksInvariant, |(fault, _)| *fault)
    }

    /// What the allocator does.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crashes => "crashes",
            Self::Hangs => "hangs",
            Self::Panics => "panics",
            Self::Overlaps => "overlaps: two live blocks share bytes",
            Self::LiesAboutSizes => "lies about sizes: a block is shorter than the request",
            Self::Misaligned => "misaligns: an address is no multiple of the alignment",
            Self::OutOfBounds => "leaves its memory",
            Self::LosesContent => "loses content: a live block's bytes changed",
            Self::NotZeroed => "does not clear what must be zero",
            Self::Leaks => "leaks: freed memory does not come back",
            Self::Refuses => "refuses a request for which there is room",
            Self::GrantsTooMuch => "grants what it cannot hold",
            Self::BreaksInvariant => "its own heap does not add up",
        }
    }

    /// What to do next.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Crashes => {
                "Run `cargo test` in your crate: an unoptimised build checks arithmetic and pointers.\n\
                 The call above is the last one that began."
            }
            Self::Hangs => {
                "The call above never returned. Look for a list with a circle in it: a block that was\n\
                 linked twice, or a link that was read after the block was handed out."
            }
            Self::Panics => {
                "No method may unwind. Look at the line that the message names: a request that cannot be\n\
                 met is an `Err(AllocError)`, and arithmetic on sizes needs `checked_add`."
            }
            Self::Overlaps => {
                "Compare the two ranges above. Is a block's end computed from the rounded size, and is a\n\
                 block taken off the free list before it is handed out? Does the returned slice end where the\n\
                 block does?"
            }
            Self::LiesAboutSizes => {
                "The returned slice must have `layout.size()` bytes or more. Round up, never down, and do\n\
                 not count the header."
            }
            Self::Misaligned => {
                "Round the payload's address, not the header's, up to `layout.align()`\n\
                 (`core_api::align::round_up`); alignments above that of the heap's start count, too."
            }
            Self::OutOfBounds => {
                "Test the end before you write: `size <= end - start` cannot overflow, and\n\
                 `start + size <= end` can. An allocator that brings its own memory is made by `graded()`, without\n\
                 an argument."
            }
            Self::LosesContent => {
                "Somebody else wrote into the block: a header, a link or a neighbour. Does a write follow a\n\
                 pointer whose block was handed out meanwhile?"
            }
            Self::NotZeroed => {
                "`allocate_zeroed` clears every usable byte, and `grow_zeroed` clears from `old.size()` on.\n\
                 The provided methods do; leave them out until the rest works."
            }
            Self::Leaks => {
                "`reclaims` says that freed memory comes back. Put freed blocks on a list, merge neighbours,\n\
                 or return another `Reclaims`. After a shrink the caller frees with the smaller layout."
            }
            Self::Refuses => {
                "The first request of a fresh heap must succeed. Does `allocate` still return\n\
                 `Err(AllocError)`, or ask for more than the request and its header?"
            }
            Self::GrantsTooMuch => {
                "A size near `isize::MAX` became small: test it before a header is added or it is rounded."
            }
            Self::BreaksInvariant => {
                "Your `Inspect` and the blocks that were handed out do not agree. If the walk is wrong, the\n\
                 map above shows where it ends."
            }
        }
    }
}
