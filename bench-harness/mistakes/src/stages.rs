//! Every stage behind every lock that it can have.

use std::sync::atomic::{AtomicBool, Ordering};

use bump::Bump;
use coalescing::{Deferred, Immediate};
use core_api::adapters::{CriticalSection, LockApi};
use core_api::{Checked, Local, Locked, SpinLock};
use fit_strategies::{BestFit, FirstFit, NextFit, WorstFit};
use freelist::FreeList;
use mmap_backed::{FutexLock, MmapHeap};
use thread_cached::ThreadCached;

use crate::moody::{Moody, MoodyFit};
use crate::subject::{serve, stand_beside};

/// A `lock_api` mutex: a flag and patience.
struct Mutex(AtomicBool);

// SAFETY: only the thread that turned the flag on returns from `lock`.
unsafe impl lock_api::RawMutex for Mutex {
    const INIT: Self = Self(AtomicBool::new(false));
    type GuardMarker = lock_api::GuardSend;

    fn lock(&self) {
        while !self.try_lock() {
            std::thread::yield_now();
        }
    }
    fn try_lock(&self) -> bool {
        !self.0.swap(true, Ordering::Acquire)
    }
    unsafe fn unlock(&self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Serves the stage `$new` behind the lock of that name.
macro_rules! behind {
    ($lock:ident, $stage:ty = $new:expr) => {{
        static SPIN: Locked<$stage, SpinLock> = Locked::new($new);
        static API: Locked<$stage, LockApi<Mutex>> = Locked::new($new);
        static SECTION: Locked<$stage, CriticalSection> = Locked::new($new);
        static FUTEX: Locked<$stage, FutexLock> = Locked::new($new);
        match $lock {
            "local" => stand_beside(Local::<$stage>::new($new)),
            "spin" => serve(&SPIN),
            "lock-api" => serve(&API),
            "critical-section" => serve(&SECTION),
            "futex" => serve(&FUTEX),
            _ => return None,
        }
    }};
}

/// Chooses a heap; `None` if there is no such stage, or it has no such lock.
pub(crate) fn choose(stage: &str, lock: &str) -> Option<()> {
    type Fit<P> = fit_strategies::FitHeap<Moody, P>;
    type Merging<M> = coalescing::CoalescingHeap<Moody, 8, M>;
    match (stage, lock) {
        ("mmap-backed", "own") => serve(const { &mmap_backed::Global::new() }),
        ("thread-cached", "own") => serve(const { &ThreadCached::new() }),
        ("bump", _) => behind!(lock, Bump<Moody> = Bump::new(Moody)),
        ("freelist", _) => behind!(lock, FreeList<Moody> = FreeList::new(Moody)),
        ("first-fit", _) => behind!(lock, Fit<FirstFit> = Fit::new(Moody)),
        ("next-fit", _) => behind!(lock, Fit<NextFit> = Fit::new(Moody)),
        ("best-fit", _) => behind!(lock, Fit<BestFit> = Fit::new(Moody)),
        ("worst-fit", _) => behind!(lock, Fit<WorstFit> = Fit::new(Moody)),
        ("moody-fit", _) => behind!(lock, Fit<MoodyFit> = Fit::new(Moody)),
        ("coalescing", _) => behind!(lock, Merging<Deferred> = Merging::new(Moody)),
        ("immediate", _) => behind!(lock, Merging<Immediate> = Merging::new(Moody)),
        ("checked", _) => {
            behind!(lock, Checked<Merging<Deferred>> = Checked::new(Merging::new(Moody)))
        }
        ("headerless", _) => {
            behind!(lock, headerless::HeaderlessHeap<Moody> = headerless::HeaderlessHeap::new(Moody))
        }
        ("mmap-backed", _) => behind!(lock, MmapHeap = MmapHeap::new()),
        _ => return None,
    }
    Some(())
}
