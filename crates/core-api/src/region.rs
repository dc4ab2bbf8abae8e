//! A range of memory for an allocator.

use core::fmt;
use core::ptr::NonNull;

/// Base pointer and length of memory that belongs to the holder of the region.
///
/// The base pointer's provenance covers all of the region's bytes. Allocators keep addresses or offsets, and
/// turn them into pointers only through [`at`](Self::at). So an allocator never widens a pointer that a caller
/// has narrowed to its own block.
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
    /// The bytes are readable and writable through `base`, and lie in one allocation of at most
    /// `isize::MAX` bytes. Nothing else uses them as long as the region, or anything made from it, is in use.
    #[inline]
    pub const unsafe fn new(base: NonNull<u8>, len: usize) -> Self {
        debug_assert!(len <= isize::MAX as usize);
        Self { base, len }
    }

    /// Returns the pointer to the first byte.
    #[inline]
    pub const fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// Returns the length in bytes.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Returns whether the region has no bytes.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the address of the first byte.
    #[inline]
    pub fn start(&self) -> usize {
        self.base.addr().get()
    }

    /// Returns the address one past the last byte.
    #[inline]
    pub fn end(&self) -> usize {
        self.start() + self.len
    }

    /// Returns whether `address` is the address of one of the region's bytes.
    #[inline]
    pub fn contains(&self, address: usize) -> bool {
        address.wrapping_sub(self.start()) < self.len
    }

    // ANCHOR: at
    /// Returns the pointer to `address`, with provenance over the whole region.
    ///
    /// `address` may be anything, but a pointer outside the region must not be dereferenced.
    #[inline]
    pub fn at(&self, address: usize) -> *mut u8 {
        self.base.as_ptr().with_addr(address)
    }
    // ANCHOR_END: at

    /// Returns the pointer `offset` bytes into the region; the same rule as for [`at`](Self::at) holds.
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

// SAFETY: a region owns its bytes exclusively (see `new`), and any one thread may own them.
unsafe impl Send for Region {}
