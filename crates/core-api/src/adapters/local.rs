//! [`Local`]: one thread shares an allocator with its collections.

use core::alloc::Layout;
use core::cell::RefCell;
use core::ptr::NonNull;

use crate::fatal::without_unwinding;
use crate::{AllocError, Allocator, Misuse, Reclaims, Reset, fatal};

/// An allocator that one thread can use through `&self`; not [`Sync`].
///
/// Every call forwards to the inner allocator's own method. A call from within another one (from the
/// closure of [`inspect`](Self::inspect), or from a source that breaks its contract) gets [`AllocError`],
/// or ends the process if it cannot return an error. A panic that would leave the allocator also ends the
/// process.
///
/// ```compile_fail,E0277
/// fn shared<T: Sync>() {}
/// shared::<core_api::Local<()>>();
/// ```
#[derive(Debug, Default)]
pub struct Local<A> {
    inner: RefCell<A>,
}

impl<A> Local<A> {
    /// Wraps `allocator`, to share it within one thread.
    pub const fn new(allocator: A) -> Self {
        Self {
            inner: RefCell::new(allocator),
        }
    }

    /// Returns the allocator; the compiler checks that nothing borrows from it.
    pub fn get_mut(&mut self) -> &mut A {
        self.inner.get_mut()
    }

    /// Frees every block. This is safe, because no collection borrows the allocator any more.
    ///
    /// ```
    /// # #[cfg(feature = "allocator-api2-04")] {
    /// # use core_api::{Allocator, Local, Reset};
    /// # fn reset_after_use<A: Allocator + Reset>(mut heap: Local<A>) {
    /// let mut words = allocator_api2_04::vec::Vec::new_in(&heap);
    /// words.push("gone");
    /// drop(words);
    /// heap.reset();
    /// # }
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0502
    /// # use core_api::{Allocator, Local, Reset};
    /// # fn reset_too_early<A: Allocator + Reset>(mut heap: Local<A>) {
    /// let mut words = allocator_api2_04::vec::Vec::new_in(&heap);
    /// heap.reset();
    /// words.push("still borrowed");
    /// # }
    /// ```
    pub fn reset(&mut self)
    where
        A: Reset,
    {
        self.get_mut().reset();
    }

    /// Unwraps the allocator.
    pub fn into_inner(self) -> A {
        self.inner.into_inner()
    }

    /// Calls `look` with the allocator, even while collections borrow from it.
    pub fn inspect<T>(&self, look: impl FnOnce(&A) -> T) -> T {
        match self.inner.try_borrow() {
            Ok(inner) => look(&inner),
            Err(_) => fatal(Misuse::Reentered),
        }
    }

    #[inline]
    pub(super) fn with<T>(&self, run: impl FnOnce(&mut A) -> T) -> T {
        match self.inner.try_borrow_mut() {
            Ok(mut inner) => without_unwinding(|| run(&mut inner)),
            Err(_) => fatal(Misuse::Reentered),
        }
    }

    #[inline]
    pub(super) fn try_with<T>(
        &self,
        run: impl FnOnce(&mut A) -> Result<T, AllocError>,
    ) -> Result<T, AllocError> {
        match self.inner.try_borrow_mut() {
            Ok(mut inner) => without_unwinding(|| run(&mut inner)),
            Err(_) => Err(AllocError),
        }
    }
}

super::forward::forward_allocator!(Local<A>);
