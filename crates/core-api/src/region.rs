//! A stretch of memory that an allocator was handed.

use core::fmt;
use core::ptr::NonNull;

/// Base pointer and length of memory that belongs to whoever holds the region.
///
/// The base pointer carries the right to use all of the region's bytes. Allocators keep addresses
/// or offsets and come back to a pointer only through [`at`](Self::at), so that a pointer which a
/// caller narrowed to its own block is never widened again.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Region {
    base: NonNull<u8>,
    len: usize,
}

impl Region {
    /// A region of no bytes, for allocators that have not acquired memory yet.
    pub const EMPTY: Self = Self {
        base: NonNull::dangling(),
        len: 0,
    };

    /// Names `len` bytes from `base` as a region.
    ///
    /// # Safety
    ///
    /// The bytes are readable and writable through `base`, lie in one allocation of at most
    /// `isize::MAX` bytes, and nobody else uses them for as long as the region or anything made
    /// from it is in use.
    #[inline]
    pub const unsafe fn new(base: NonNull<u8>, len: usize) -> Self {
        debug_assert!(len <= isize::MAX as usize);
        Self { base, len }
    }

    /// The first byte.
    #[inline]
    pub const fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// Length in bytes.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether the region has no bytes.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Address of the first byte.
    #[inline]
    pub fn start(&self) -> usize {
        self.base.addr().get()
    }

    /// Address one past the last byte.
    #[inline]
    pub fn end(&self) -> usize {
        self.start() + self.len
    }

    /// Whether `address` is that of one of the region's bytes.
    #[inline]
    pub fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.start()) < self.len
    }

    // ANCHOR: at
    /// The pointer to `address`, with the region's right to all of its bytes.
    ///
    /// `address` may be anything: a pointer outside the region simply may not be dereferenced.
    #[inline]
    pub fn at(&self, address: usize) -> *mut u8 {
        self.base.as_ptr().with_addr(address)
    }
    // ANCHOR_END: at

    /// The pointer `offset` bytes into the region; the same rule as for [`at`](Self::at).
    #[inline]
    pub const fn at_offset(&self, offset: usize) -> *mut u8 {
        self.base.as_ptr().wrapping_add(offset)
    }

    /// Cuts the region in two at `offset`; `None` if it is shorter than that.
    pub fn split_at(self, offset: usize) -> Option<(Self, Self)> {
        let rest = self.len.checked_sub(offset)?;
        // SAFETY: `offset <= len`, so the pointer stays within the region or one past its end.
        let middle = unsafe { self.base.add(offset) };
        let low = Self {
            len: offset,
            ..self
        };
        let high = Self {
            base: middle,
            len: rest,
        };
        Some((low, high))
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({:#x}..{:#x})", self.start(), self.end())
    }
}

// SAFETY: a region is the exclusive right to its bytes (see `new`), which any one thread may have.
unsafe impl Send for Region {}
