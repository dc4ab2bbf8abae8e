//! The crate's primitives as the model checker knows them. Each can be told to relax every
//! ordering that it is given: the seeded fault.

use std::cell::{Cell as StdCell, OnceCell};

pub(crate) use core::sync::atomic::AtomicU16;
pub(crate) use core_api::RawLock;
pub(crate) use loom::sync::atomic::Ordering;

std::thread_local! {
    static RELAXED: StdCell<bool> = const { StdCell::new(false) };
}

/// Whether the models of this OS thread relax their orderings from now on.
pub(crate) fn relax(relaxed: bool) {
    RELAXED.set(relaxed);
}

fn given(ordering: Ordering) -> Ordering {
    if RELAXED.get() {
        Ordering::Relaxed
    } else {
        ordering
    }
}

/// An atomic of the model checker in a constant: it is made at its first use.
macro_rules! atomic {
    ($name:ident $(<$t:ident>)?, $value:ty) => {
        #[derive(Debug)]
        pub(crate) struct $name $(<$t>)? {
            initial: $value,
            inner: OnceCell<loom::sync::atomic::$name $(<$t>)?>,
        }

        // SAFETY: the model checker runs one thread at a time.
        unsafe impl $(<$t>)? Sync for $name $(<$t>)? {}
        // SAFETY: as above.
        unsafe impl $(<$t>)? Send for $name $(<$t>)? {}

        impl $(<$t>)? $name $(<$t>)? {
            pub(crate) const fn new(initial: $value) -> Self {
                Self { initial, inner: OnceCell::new() }
            }

            fn inner(&self) -> &loom::sync::atomic::$name $(<$t>)? {
                self.inner.get_or_init(|| loom::sync::atomic::$name::new(self.initial))
            }

            pub(crate) fn load(&self, ordering: Ordering) -> $value {
                self.inner().load(given(ordering))
            }

            pub(crate) fn store(&self, value: $value, ordering: Ordering) {
                self.inner().store(value, given(ordering));
            }

            pub(crate) fn swap(&self, value: $value, ordering: Ordering) -> $value {
                self.inner().swap(value, given(ordering))
            }

            pub(crate) fn compare_exchange(
                &self,
                from: $value,
                to: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.inner().compare_exchange(from, to, given(success), given(failure))
            }

            pub(crate) fn compare_exchange_weak(
                &self,
                from: $value,
                to: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(from, to, success, failure)
            }
        }
    };
}

atomic!(AtomicPtr<T>, *mut T);
atomic!(AtomicU32, u32);
atomic!(AtomicU64, u64);

/// A lock that waits by yielding.
pub(crate) struct Lock(AtomicU32);

// SAFETY: `acquire` returns to the thread whose exchange found 0, which only `release` writes.
unsafe impl RawLock for Lock {
    const UNLOCKED: Self = Self(AtomicU32::new(0));

    fn acquire(&self) {
        while self
            .0
            .compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            loom::thread::yield_now();
        }
    }

    unsafe fn release(&self) {
        self.0.store(0, Ordering::Release);
    }
}
