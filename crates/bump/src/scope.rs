//! References that live until the end of a scope: mark and reset, made safe by lifetimes.

use core::alloc::Layout;
use core::ptr::NonNull;

use core_api::{
    AllocError, Allocator, Handle, Local, Reset, Source, StaticHeap, forward_allocator,
};

use crate::Bump;

impl<S: Source> Bump<S> {
    /// Runs `body` with a [`Scope`] and then frees everything that was allocated in it, also if
    /// `body` panics. O(1) besides `body`.
    ///
    /// Scopes nest. What is allocated in one cannot leave it:
    ///
    /// ```
    /// use bump::Bump;
    /// use core_api::{AllocError, StaticHeap};
    ///
    /// static HEAP: StaticHeap = StaticHeap::new();
    /// let mut bump = Bump::new(&HEAP);
    /// let total = bump.scope(|scope| {
    ///     let outer = scope.alloc(1_u64)?;
    ///     scope.scope(|scope| {
    ///         *outer += *scope.alloc(41)?;
    ///         Ok::<(), AllocError>(())
    ///     })?;
    ///     assert_eq!(scope.inspect(|bump| bump.used()), 8);
    ///     Ok::<u64, AllocError>(*outer)
    /// })?;
    /// assert_eq!(total, 42);
    /// assert_eq!(bump.used(), 0);
    /// # Ok::<(), AllocError>(())
    /// ```
    ///
    /// ```compile_fail
    /// # static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// # let mut bump = bump::Bump::new(&HEAP);
    /// let escaped: &mut u64 = bump.scope(|scope| scope.alloc(1).unwrap());
    /// ```
    ///
    /// ```compile_fail,E0521
    /// # static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// # let mut bump = bump::Bump::new(&HEAP);
    /// let mut escaped = None;
    /// bump.scope(|scope| escaped = Some(scope.alloc(1).unwrap()));
    /// ```
    ///
    /// ```compile_fail,E0521
    /// # static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// # let mut bump = bump::Bump::new(&HEAP);
    /// bump.scope(|outer| {
    ///     let mut escaped = outer.alloc(1).unwrap();
    ///     outer.scope(|inner| escaped = inner.alloc(2).unwrap());
    ///     *escaped
    /// });
    /// ```
    ///
    /// Nor is the outer scope usable while an inner one is open, because what it allocated would
    /// be freed with the inner:
    ///
    /// ```compile_fail,E0502
    /// # static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// # let mut bump = bump::Bump::new(&HEAP);
    /// bump.scope(|outer| {
    ///     outer.scope(|_inner| *outer.alloc(1).unwrap())
    /// });
    /// ```
    pub fn scope<R>(&mut self, body: impl for<'s> FnOnce(&mut Scope<'s, S>) -> R) -> R {
        let guard = ResetOnDrop {
            mark: self.mark(),
            bump: self,
        };
        body(&mut Scope {
            bump: Local::new(&mut *guard.bump),
        })
    }
}

/// Takes the allocator back to a mark when it goes out of scope.
struct ResetOnDrop<'b, S: Source> {
    mark: crate::Mark,
    bump: &'b mut Bump<S>,
}

impl<S: Source> Drop for ResetOnDrop<'_, S> {
    fn drop(&mut self) {
        // SAFETY: the mark is from this allocator, and inner scopes have gone back to later marks
        // only. What was allocated since has a lifetime that `body` could not name outside itself.
        unsafe { self.bump.reset_to(self.mark) };
    }
}

/// Allocates values that live as long as the scope; see [`Bump::scope`].
///
/// The references have the scope's lifetime `'s` and do not borrow the `Scope` itself, so any
/// number of them can be in use at once. Values are forgotten at the end, not dropped: what they
/// own elsewhere leaks, which is safe.
///
/// Every method costs O(1) plus what it writes, and fails with [`AllocError`] if the heap is full.
///
/// ```
/// static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
/// let mut bump = bump::Bump::new(&HEAP);
/// let sum = bump.scope(|scope| Ok::<u64, core_api::AllocError>(*scope.alloc(1)? + *scope.alloc(2)?));
/// assert_eq!(sum, Ok(3));
/// ```
///
/// # Collections
///
/// `&Scope` is an allocator: core-api's, and `allocator_api2`'s if core-api has one of the features
/// `allocator-api2-02`, `-03` and `-04`. A collection in a scope drops its elements, as everywhere.
///
/// ```
/// use allocator_api2::vec::Vec;
/// # use core_api::StaticHeap;
/// # static HEAP: StaticHeap = StaticHeap::new();
/// # let mut bump = bump::Bump::new(&HEAP);
///
/// let total = bump.scope(|scope| {
///     let scope = &*scope;
///     let mut squares = Vec::new_in(scope);
///     let mut words = hashbrown::HashMap::new_in(scope);
///     for n in 1..=10_u64 {
///         squares.push(n * n);
///         words.insert(n, scope.alloc_str("word").ok()?);
///     }
///     Some(squares.iter().sum::<u64>() + words.len() as u64)
/// });
/// assert_eq!(total, Some(385 + 10));
/// assert_eq!(bump.used(), 0);
/// ```
///
/// A collection borrows the scope, so it ends before the scope does, and an inner scope cannot be
/// opened while it lives: what it took there would be freed with the inner scope.
///
/// ```compile_fail,E0521
/// # use allocator_api2::vec::Vec;
/// # static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
/// # let mut bump = bump::Bump::new(&HEAP);
/// let mut escaped = None;
/// bump.scope(|scope| escaped = Some(Vec::<u64, _>::new_in(&*scope)));
/// ```
///
/// ```compile_fail
/// # use allocator_api2::vec::Vec;
/// # static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
/// # let mut bump = bump::Bump::new(&HEAP);
/// let escaped: &[u64] = bump.scope(|scope| &*Vec::<u64, _>::new_in(&*scope).leak());
/// ```
///
/// ```compile_fail,E0502
/// # use allocator_api2::vec::Vec;
/// # static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
/// # let mut bump = bump::Bump::new(&HEAP);
/// bump.scope(|outer| {
///     let mut numbers = Vec::new_in(&*outer);
///     outer.scope(|_inner| numbers.push(1));
/// });
/// ```
///
/// ```compile_fail,E0521
/// # use allocator_api2::vec::Vec;
/// # static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
/// # let mut bump = bump::Bump::new(&HEAP);
/// bump.scope(|outer| {
///     let mut moved = None;
///     outer.scope(|inner| moved = Some(Vec::<u64, _>::new_in(&*inner)));
/// });
/// ```
#[derive(Debug)]
pub struct Scope<'s, S: Source = &'static StaticHeap> {
    bump: Local<&'s mut Bump<S>>,
}

// SAFETY: every method is the inner allocator's own, which lives as long as the reference.
unsafe impl<S: Source> Allocator for &Scope<'_, S> {
    forward_allocator!(self => &self.bump, &self.bump);
}

// SAFETY: copies of a reference lead to the same scope, which outlives them and stays in place.
unsafe impl<S: Source> Handle for &Scope<'_, S> {}

core_api::allocator_api2! {
    // SAFETY: the scope leads to one allocator for as long as it lives. It forgets blocks when it
    // ends, and the values that borrow it end before.
    unsafe impl[S: Source] for Scope<'_, S> { self => &self.bump }
}

impl<'s, S: Source> Scope<'s, S> {
    /// Looks into the allocator. O(1), and what `look` costs; `look` gets [`AllocError`] from the scope.
    ///
    /// ```
    /// static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// let mut bump = bump::Bump::new(&HEAP);
    /// let used = bump.scope(|scope| {
    ///     scope.alloc(1_u64)?;
    ///     Ok::<usize, core_api::AllocError>(scope.inspect(|bump| bump.used()))
    /// });
    /// assert_eq!(used, Ok(8));
    /// ```
    pub fn inspect<T>(&self, look: impl FnOnce(&Bump<S>) -> T) -> T {
        self.bump.inspect(|bump| look(bump))
    }

    /// A fresh block, which is nobody else's until it is given back or the scope ends.
    #[inline]
    fn block(&self, layout: Layout) -> Result<NonNull<u8>, AllocError> {
        (&self.bump).allocate(layout).map(NonNull::cast)
    }

    /// Moves `value` into the heap.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no room; `value` is dropped.
    ///
    /// O(1), and writing the value.
    ///
    /// ```
    /// static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// let mut bump = bump::Bump::new(&HEAP);
    /// let doubled = bump.scope(|scope| scope.alloc(21).map(|number| *number * 2));
    /// assert_eq!(doubled, Ok(42));
    /// ```
    #[inline]
    pub fn alloc<T>(&self, value: T) -> Result<&'s mut T, AllocError> {
        let place = self.block(Layout::new::<T>())?.cast::<T>();
        // SAFETY: a fresh block that fits a `T` and is nobody else's until the scope ends.
        unsafe {
            place.write(value);
            Ok(&mut *place.as_ptr())
        }
    }

    /// Copies a slice into the heap.
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no room.
    ///
    /// O(values).
    ///
    /// ```
    /// static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// let mut bump = bump::Bump::new(&HEAP);
    /// let sum = bump.scope(|scope| scope.alloc_slice(&[1, 2, 3]).map(|all| all.iter().sum::<i32>()));
    /// assert_eq!(sum, Ok(6));
    /// ```
    #[inline]
    pub fn alloc_slice<T: Copy>(&self, values: &[T]) -> Result<&'s mut [T], AllocError> {
        let place = self.block(Layout::for_value(values))?.cast::<T>();
        // SAFETY: a fresh block that fits `values` and is nobody else's until the scope ends.
        unsafe {
            place.copy_from_nonoverlapping(NonNull::from(values).cast(), values.len());
            Ok(&mut *NonNull::slice_from_raw_parts(place, values.len()).as_ptr())
        }
    }

    /// Copies a string into the heap.
    ///
    /// ```
    /// # use core_api::StaticHeap;
    /// # static HEAP: StaticHeap = StaticHeap::new();
    /// # let mut bump = bump::Bump::new(&HEAP);
    /// bump.scope(|scope| {
    ///     let word = scope.alloc_str("heap")?;
    ///     word.make_ascii_uppercase();
    ///     assert_eq!(word, "HEAP");
    ///     Ok::<(), core_api::AllocError>(())
    /// })?;
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no room.
    ///
    /// O(bytes).
    ///
    /// ```
    /// static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// let mut bump = bump::Bump::new(&HEAP);
    /// let length = bump.scope(|scope| scope.alloc_str("moved").map(|text| text.len()));
    /// assert_eq!(length, Ok(5));
    /// ```
    #[inline]
    pub fn alloc_str(&self, text: &str) -> Result<&'s mut str, AllocError> {
        let bytes = self.alloc_slice(text.as_bytes())?;
        // SAFETY: a copy of what is UTF-8.
        Ok(unsafe { core::str::from_utf8_unchecked_mut(bytes) })
    }

    /// Makes a slice of `len` values in the heap, `value(0)` first.
    ///
    /// If `value` panics, the block is given back (unless `value` allocated behind it), and the values
    /// that were made are forgotten.
    ///
    /// ```
    /// # use core_api::StaticHeap;
    /// # static HEAP: StaticHeap = StaticHeap::new();
    /// # let mut bump = bump::Bump::new(&HEAP);
    /// bump.scope(|scope| {
    ///     let squares = scope.alloc_slice_with(4, |i| i * i)?;
    ///     assert_eq!(squares, [0, 1, 4, 9]);
    ///     Ok::<(), core_api::AllocError>(())
    /// })?;
    /// # Ok::<(), core_api::AllocError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AllocError`] if there is no room, or `len` values are more than `isize::MAX` bytes.
    ///
    /// O(values).
    ///
    /// ```
    /// static HEAP: core_api::StaticHeap = core_api::StaticHeap::new();
    /// let mut bump = bump::Bump::new(&HEAP);
    /// let sum = bump.scope(|scope| scope.alloc_slice_with(4, |n| n).map(|all| all.iter().sum::<usize>()));
    /// assert_eq!(sum, Ok(6));
    /// ```
    pub fn alloc_slice_with<T>(
        &self,
        len: usize,
        mut value: impl FnMut(usize) -> T,
    ) -> Result<&'s mut [T], AllocError> {
        let layout = Layout::array::<T>(len).map_err(|_| AllocError)?;
        let unfilled = Unfilled {
            block: self.block(layout)?,
            layout,
            scope: self,
        };
        let place = unfilled.block.cast::<T>();
        for index in 0..len {
            // SAFETY: the block holds `len` values.
            unsafe { place.add(index).write(value(index)) };
        }
        core::mem::forget(unfilled);
        // SAFETY: all values are written; the block is nobody else's until the scope ends.
        Ok(unsafe { &mut *NonNull::slice_from_raw_parts(place, len).as_ptr() })
    }

    /// Runs `body` with an inner scope; see [`Bump::scope`].
    pub fn scope<R>(&mut self, body: impl for<'i> FnOnce(&mut Scope<'i, S>) -> R) -> R {
        self.bump.get_mut().scope(body)
    }
}

/// A block whose initialiser may panic; gives the block back then.
struct Unfilled<'a, 's, S: Source> {
    block: NonNull<u8>,
    layout: Layout,
    scope: &'a Scope<'s, S>,
}

impl<S: Source> Drop for Unfilled<'_, '_, S> {
    fn drop(&mut self) {
        // SAFETY: the block was allocated with this layout, and no reference to it got out.
        unsafe { (&self.scope.bump).deallocate(self.block, self.layout) };
    }
}
