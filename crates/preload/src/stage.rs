//! The stage that this library serves, and its static heap.
//!
//! One row a stage, the highest first: of those that are enabled, the first row is the one.

/// Makes the first row whose feature is enabled the module's [`HEAP`].
macro_rules! first_enabled {
    (after [$($above:literal)*]
        $feature:literal: $heap:ty = $new:expr, header $header:expr, trim $trim:expr;
        $($rows:tt)*
    ) => {
        #[cfg(all(feature = $feature, not(any($(feature = $above),*))))]
        mod chosen {
            use core_api::Locked;
            use mmap_backed::FutexLock;

            #[allow(unused_imports, reason = "not every row has a source, or a policy")]
            use {crate::source::{LARGEST, Reserved}, fit_strategies as fit};

            /// The feature's name.
            pub(crate) const NAME: &str = $feature;

            /// Bytes that the stage puts before a payload.
            pub(crate) const HEADER: usize = $header;

            type Heap = $heap;

            /// The process's heap.
            pub(crate) static HEAP: Locked<Heap, FutexLock> = Locked::new($new);

            impl crate::served::Trim for Heap {
                fn trim(&mut self) -> usize {
                    let trim: fn(&mut Heap) -> usize = $trim;
                    trim(self)
                }
            }
        }
        first_enabled! { after [$($above)* $feature] $($rows)* }
    };
    (after [$($above:literal)*]) => {
        #[cfg(not(any($(feature = $above),*)))]
        compile_error!("choose a stage to serve: enable one of preload's features");
    };
}

first_enabled! { after []
    "mmap-backed": mmap_backed::MmapHeap<16> = Heap::new(),
        header 4, trim Heap::purge;
    "coalescing": coalescing::Heap<Reserved, 16> = Heap::new(Reserved::new(16 << 30)),
        header 4, trim |_| 0;
    "best-fit": fit::Heap<fit::BestFit, Reserved> = Heap::new(Reserved::new(LARGEST / 2)),
        header 8, trim |_| 0;
    "first-fit": fit::Heap<fit::FirstFit, Reserved> = Heap::new(Reserved::new(LARGEST / 2)),
        header 8, trim |_| 0;
    "next-fit": fit::Heap<fit::NextFit, Reserved> = Heap::new(Reserved::new(LARGEST / 2)),
        header 8, trim |_| 0;
    "worst-fit": fit::Heap<fit::WorstFit, Reserved> = Heap::new(Reserved::new(LARGEST / 2)),
        header 8, trim |_| 0;
    "freelist": freelist::FreeList<Reserved> = Heap::new(Reserved::new(LARGEST)),
        header 8, trim |_| 0;
    "bump": crate::prefixed::Prefixed = Heap::new(Reserved::new(LARGEST)),
        header 0, trim |_| 0;
}

pub(crate) use chosen::{HEADER, HEAP, NAME};
