//! The stage that this library serves, and its static heap.
//!
//! The table has one row for each stage, the highest first; the library serves the first row whose feature is
//! enabled. A row names the feature, the bytes that the stage puts before a payload, and the static heap. The
//! heap's type implements [`Served`](crate::served::Served); [`Shared`](crate::served::Shared) does so for
//! stages without a lock.

/// Makes the first row whose feature is enabled the module's [`HEAP`].
macro_rules! first_enabled {
    (after [$($above:literal)*]
        $feature:literal, header $header:literal: $shared:ty = $new:expr;
        $($rows:tt)*
    ) => {
        #[cfg(all(feature = $feature, not(any($(feature = $above),*))))]
        mod chosen {
            #[allow(unused_imports, reason = "each row uses some of them")]
            use {
                crate::prefixed::Prefixed, crate::source::{LARGEST, Reserved},
                crate::served::Shared, fit_strategies as fit, freelist::FreeList,
                mmap_backed::MmapHeap, thread_cached::ThreadCached,
            };

            /// The feature's name.
            pub(crate) const NAME: &str = $feature;

            /// Bytes that the stage puts before a payload.
            pub(crate) const HEADER: usize = $header;

            /// The process's heap.
            pub(crate) static HEAP: $shared = $new;
        }
        first_enabled! { after [$($above)* $feature] $($rows)* }
    };
    (after [$($above:literal)*]) => {
        #[cfg(not(any($(feature = $above),*)))]
        compile_error!("choose a stage to serve: enable one of preload's features");
    };
}

first_enabled! { after []
    "hardened", header 0: ThreadCached = ThreadCached::new();
    "thread-cached", header 0: ThreadCached = ThreadCached::new();
    "mmap-backed", header 4: Shared<MmapHeap<16>> = Shared::new(MmapHeap::new());
    "coalescing", header 4: Shared<coalescing::CoalescingHeap<Reserved, 16>>
        = Shared::new(coalescing::CoalescingHeap::new(Reserved::new(16 << 30)));
    "best-fit", header 8: Shared<fit::FitHeap<Reserved, fit::BestFit>>
        = Shared::new(fit::FitHeap::new(Reserved::new(32 << 30)));
    "first-fit", header 8: Shared<fit::FitHeap<Reserved, fit::FirstFit>>
        = Shared::new(fit::FitHeap::new(Reserved::new(32 << 30)));
    "next-fit", header 8: Shared<fit::FitHeap<Reserved, fit::NextFit>>
        = Shared::new(fit::FitHeap::new(Reserved::new(32 << 30)));
    "worst-fit", header 8: Shared<fit::FitHeap<Reserved, fit::WorstFit>>
        = Shared::new(fit::FitHeap::new(Reserved::new(32 << 30)));
    "freelist", header 8: Shared<FreeList<Reserved>>
        = Shared::new(FreeList::new(Reserved::new(LARGEST)));
    "bump", header 0: Shared<Prefixed> = Shared::new(Prefixed::new(Reserved::new(LARGEST)));
}

pub(crate) use chosen::{HEADER, HEAP, NAME};
