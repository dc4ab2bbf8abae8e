//! A layout in eight bytes, so that a step of a replay takes sixteen.

use std::alloc::Layout;

/// Bits of the alignment's logarithm, below the size.
const ALIGN_BITS: u32 = 6;

/// A [`Layout`] of less than 2⁵⁸ bytes: more than any address space has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PackedLayout(u64);

impl PackedLayout {
    /// `layout` packed; `None` if it is too large to be.
    pub fn new(layout: Layout) -> Option<Self> {
        let size = u64::try_from(layout.size()).ok()?;
        let fits = size < 1 << (u64::BITS - ALIGN_BITS);
        let log = u64::from(layout.align().trailing_zeros());
        fits.then_some(Self(size << ALIGN_BITS | log))
    }

    /// Bytes.
    #[inline]
    pub const fn size(self) -> usize {
        (self.0 >> ALIGN_BITS) as usize
    }

    /// Alignment in bytes.
    #[inline]
    pub const fn align(self) -> usize {
        1 << (self.0 & ((1 << ALIGN_BITS) - 1))
    }

    /// The layout that was packed.
    #[expect(
        clippy::disallowed_methods,
        reason = "`new` took it from a layout; a second check would be part of every time"
    )]
    #[inline]
    pub const fn get(self) -> Layout {
        // SAFETY: size and alignment are those of a `Layout`, from `new`.
        unsafe { Layout::from_size_align_unchecked(self.size(), self.align()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_comes_back_as_it_was() {
        for size in [1, 7, 8, 4096, 1 << 36, (1 << 58) - 4096] {
            for align in [1, 8, 4096] {
                let layout = Layout::from_size_align(size, align).unwrap();
                let packed = PackedLayout::new(layout).unwrap();
                assert_eq!(packed.get(), layout);
            }
        }
    }

    #[test]
    fn what_no_address_space_holds_is_refused() {
        let layout = Layout::from_size_align(1 << 58, 1).unwrap();
        assert_eq!(PackedLayout::new(layout), None);
    }
}
