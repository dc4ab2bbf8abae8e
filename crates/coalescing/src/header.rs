//! The four bytes before every payload.

use core::fmt;

use crate::Granules;

/// Size and state of a block: `size << 2 | previous used << 1 | used`.
///
/// ```text
///  31                                          2    1      0
/// +---------------------------------------------+------+------+
/// |              size in granules               | prev | used |
/// +---------------------------------------------+------+------+
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Header(u32);

impl Header {
    const USED: u32 = 1;
    const PREVIOUS_USED: u32 = 2;
    const SIZE_SHIFT: u32 = 2;

    /// The largest size that 30 bits hold: one granule less than 8 GiB of 8-byte granules.
    pub(crate) const MAX_SIZE: Granules = u32::MAX >> Self::SIZE_SHIFT;

    /// The header of the top block. Its size is not in the header: the top reaches to the end of its region.
    pub(crate) const TOP: Self = Self::free(0);

    /// Returns the header of a used block after a used one.
    #[inline]
    pub(crate) const fn used(size: Granules) -> Self {
        Self(size << Self::SIZE_SHIFT | Self::PREVIOUS_USED | Self::USED)
    }

    /// Returns the header of a free block, which always follows a used one: two free neighbours would merge.
    #[inline]
    pub(crate) const fn free(size: Granules) -> Self {
        Self(size << Self::SIZE_SHIFT | Self::PREVIOUS_USED)
    }

    /// Returns the mark after the last block of a region that is not the last region.
    #[inline]
    pub(crate) const fn end() -> Self {
        Self::used(0)
    }

    /// Returns the size of the block, including its header.
    #[inline]
    pub(crate) const fn size(self) -> Granules {
        self.0 >> Self::SIZE_SHIFT
    }

    #[inline]
    pub(crate) const fn is_used(self) -> bool {
        self.0 & Self::USED != 0
    }

    #[inline]
    pub(crate) const fn is_previous_used(self) -> bool {
        self.0 & Self::PREVIOUS_USED != 0
    }

    /// Returns whether the header is that of a used block with `size` granules.
    #[inline]
    pub(crate) const fn is_used_block_of(self, size: Granules) -> bool {
        self.0 | Self::PREVIOUS_USED == Self::used(size).0
    }

    /// Returns whether the header is that of a deferred block or of the end of a region.
    #[inline]
    pub(crate) const fn is_used_without_size(self) -> bool {
        self.0 | Self::PREVIOUS_USED == Self::end().0
    }

    /// Returns the same header with another size.
    #[inline]
    pub(crate) const fn with_size(self, size: Granules) -> Self {
        Self(size << Self::SIZE_SHIFT | self.0 & (Self::PREVIOUS_USED | Self::USED))
    }

    /// Returns the same header with a size, for a header [without one](Self::is_used_without_size).
    #[inline]
    pub(crate) const fn sized(self, size: Granules) -> Self {
        Self(self.0 | size << Self::SIZE_SHIFT)
    }

    /// Returns the same header, with the previous-used bit set.
    #[inline]
    pub(crate) const fn after_used(self) -> Self {
        Self(self.0 | Self::PREVIOUS_USED)
    }

    /// Returns the same header, with the previous-used bit clear.
    #[inline]
    pub(crate) const fn after_free(self) -> Self {
        Self(self.0 & !Self::PREVIOUS_USED)
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Header")
            .field("size", &self.size())
            .field("previous_used", &self.is_previous_used())
            .field("used", &self.is_used())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Header;

    #[test]
    fn the_fields_do_not_disturb_each_other() {
        for size in [0, 1, 2, 12_345, Header::MAX_SIZE] {
            let used = Header::used(size);
            assert!(used.is_used() && used.is_previous_used());
            let after_free = used.after_free();
            assert!(after_free.is_used() && !after_free.is_previous_used());
            assert_eq!(after_free.after_used(), used);
            assert!(used.is_used_block_of(size) && after_free.is_used_block_of(size));
            assert!(!used.is_used_block_of(size ^ 1));
            assert!(!Header::free(size).is_used() && !Header::free(size).is_used_block_of(size));
            assert_eq!(used.with_size(7).after_free(), after_free.with_size(7));
            assert_eq!((used.size(), after_free.size()), (size, size));
        }
    }
}
