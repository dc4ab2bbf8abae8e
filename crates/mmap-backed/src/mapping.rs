//! Mappings: address space from the kernel.

use core::ptr::NonNull;

/// Address space from the kernel: base pointer and length, both in whole OS pages.
///
/// A mapping is a plain value: dropping it unmaps nothing. The base pointer's provenance covers all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: a mapping belongs to the process, not to a thread, so any thread may use it.
unsafe impl Send for Mapping {}

impl Mapping {
    /// A mapping of no bytes.
    pub(crate) const NONE: Self = Self {
        base: NonNull::dangling(),
        len: 0,
    };

    /// Maps readable and writable pages that are zero; `len` is a multiple of the page size.
    pub(crate) fn committed(len: usize) -> Option<Self> {
        os::map(len).map(|base| Self { base, len })
    }

    /// Maps address space without memory: touching it faults, and it costs no commit charge.
    pub(crate) fn reserved(len: usize) -> Option<Self> {
        os::reserve(len).map(|base| Self { base, len })
    }

    /// Restores a mapping from the results of its [`base`](Self::base) and [`len`](Self::len).
    pub(crate) const fn from_parts(base: NonNull<u8>, len: usize) -> Self {
        Self { base, len }
    }

    pub(crate) const fn base(self) -> NonNull<u8> {
        self.base
    }

    pub(crate) const fn len(self) -> usize {
        self.len
    }

    pub(crate) fn start(self) -> usize {
        self.base.addr().get()
    }

    pub(crate) fn end(self) -> usize {
        self.start() + self.len
    }

    #[inline]
    pub(crate) fn contains(self, address: usize) -> bool {
        address.wrapping_sub(self.start()) < self.len
    }

    /// Returns the mapping as the payload of a block.
    pub(crate) fn payload(self) -> NonNull<[u8]> {
        NonNull::slice_from_raw_parts(self.base, self.len)
    }

    /// Cuts the mapping in two at `offset`, a multiple of the page size up to the length.
    pub(crate) fn split_at(self, offset: usize) -> (Self, Self) {
        debug_assert!(offset <= self.len);
        // SAFETY: `offset` is at most the length, so the pointer stays in the mapping or at its end.
        let middle = unsafe { self.base.add(offset) };
        let low = Self {
            len: offset,
            ..self
        };
        (low, Self::from_parts(middle, self.len - offset))
    }

    /// Makes `len` reserved bytes from `offset` readable and writable; they are zero. Returns false if the
    /// system refuses.
    ///
    /// # Safety
    ///
    /// The bytes are whole pages of this mapping, and are reserved.
    pub(crate) unsafe fn commit(self, offset: usize, len: usize) -> bool {
        // SAFETY: by the caller's promise only reserved pages of this mapping change.
        unsafe { os::protect(self.base.add(offset), len, true) }
    }

    /// Turns `len` committed bytes from `offset` back into address space. Returns false if the system refuses.
    ///
    /// # Safety
    ///
    /// The bytes are whole pages of this mapping, and nothing uses them.
    pub(crate) unsafe fn decommit(self, offset: usize, len: usize) -> bool {
        // SAFETY: by the caller's promise nothing uses these pages of this mapping.
        unsafe { os::decommit(self.base.add(offset), len) }
    }

    /// Changes the length to `new_len`, a multiple of the page size; added pages are zero. Moves the mapping
    /// if it must and `may_move`.
    ///
    /// # Safety
    ///
    /// After a success, nothing uses `self` or the bytes beyond the new length again.
    pub(crate) unsafe fn resized(self, new_len: usize, may_move: bool) -> Option<Self> {
        // SAFETY: the caller's promise is passed on.
        let base = unsafe {
            match may_move {
                true => os::resize_or_move(self.base, self.len, new_len)?,
                false => os::resize(self.base, self.len, new_len).ok()?,
            }
        };
        Some(Self { base, len: new_len })
    }

    /// Gives the pages and the address space back.
    ///
    /// If the kernel refuses, only the pages go back, as [`os::unmap`] has it.
    ///
    /// # Safety
    ///
    /// Nothing uses the mapping again.
    pub(crate) unsafe fn unmap(self) {
        // SAFETY: by the caller's promise nothing uses the mapping again.
        unsafe { os::unmap(self.base, self.len) }
    }
}
