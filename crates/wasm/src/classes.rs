//! Sizes and classes: plain arithmetic on numbers.

use crate::GRANULE;

/// The number of doublings that the lists reach over.
const OCTAVES: usize = 7;

/// The number of doublings whose lists hold blocks of one size each.
const EXACT_OCTAVES: usize = 6;

/// The classes of a heap with `LISTS` lists.
///
/// The first classes are the multiples of a granule. From then on the same number of classes leads from each
/// power of two to the next.
pub(crate) struct Classes<const LISTS: usize>;

impl<const LISTS: usize> Classes<LISTS> {
    /// The logarithm of the number of classes in an octave.
    const FINE: u32 = {
        let in_octave = LISTS / OCTAVES;
        assert!(
            LISTS.is_multiple_of(OCTAVES) && in_octave.is_power_of_two(),
            "7, 14, 28, 56 or 112 lists"
        );
        in_octave.trailing_zeros()
    };

    /// The classes below this one are *exact*: their lists hold blocks of one size.
    pub(crate) const N_EXACT: usize = EXACT_OCTAVES << Self::FINE;

    /// Bytes of the largest blocks in exact lists. Larger blocks are multiples of a granule.
    pub(crate) const SMALL: usize = GRANULE << (Self::FINE as usize + EXACT_OCTAVES - 1);

    /// Bytes of the smallest block above [`SMALL`](Self::SMALL).
    const LARGE: usize = Self::SMALL + (Self::SMALL >> Self::FINE);

    /// Returns whether a request of `size` bytes takes a block of a class's size.
    #[inline]
    pub(crate) const fn is_small(size: usize) -> bool {
        size.wrapping_sub(1) < Self::SMALL
    }

    /// Returns by how much a number of granules is shifted right, so that its leading bits count classes.
    #[inline]
    const fn shift(granules: usize) -> u32 {
        usize::BITS - 1 - Self::FINE - (granules | 1 << Self::FINE).leading_zeros()
    }

    /// Returns the class of a small request.
    #[inline]
    pub(crate) const fn of_request(size: usize) -> usize {
        let last = (size - 1) / GRANULE;
        let shift = Self::shift(last);
        ((shift as usize) << Self::FINE) + (last >> shift)
    }

    /// Returns the bytes of the block for a request, which is not 0: those of its class, or whole granules if it is not
    /// small.
    #[inline]
    pub(crate) const fn block_len(size: usize) -> usize {
        if Self::is_small(size) {
            let last = (size - 1) / GRANULE;
            let shift = Self::shift(last);
            return (((last >> shift) + 1) << shift) * GRANULE;
        }
        // The sum does not wrap: a `Layout`'s size is at most `isize::MAX`.
        let whole = size.wrapping_add(GRANULE - 1) & !(GRANULE - 1);
        match whole < Self::LARGE {
            true => Self::LARGE,
            false => whole,
        }
    }

    /// As [`block_len`](Self::block_len), as one function for many callers.
    #[inline(never)]
    pub(crate) const fn block_len_called(size: usize) -> usize {
        Self::block_len(size)
    }

    /// Returns the highest class whose blocks are at most `len` bytes long, which are whole granules.
    #[inline]
    pub(crate) const fn below(len: usize) -> usize {
        let granules = len / GRANULE;
        let shift = Self::shift(granules);
        ((shift as usize) << Self::FINE) + (granules >> shift) - 1
    }

    /// Returns the bytes of the smallest block of a class.
    #[inline]
    pub(crate) const fn len_of(class: usize) -> usize {
        let octave = class >> Self::FINE;
        let shift = octave.saturating_sub(1);
        ((class + 1 - (shift << Self::FINE)) << shift) * GRANULE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each_class_begins_where_the_one_below_ends<const LISTS: usize>() {
        type C<const LISTS: usize> = Classes<LISTS>;
        let mut below = 0;
        for class in 0..LISTS {
            let len = C::<LISTS>::len_of(class);
            assert!(below < len);
            assert_eq!(C::<LISTS>::below(len), class);
            if below != 0 {
                assert_eq!(C::<LISTS>::below(len - GRANULE), class - 1);
            }
            if class < C::<LISTS>::N_EXACT {
                for size in [below + 1, len] {
                    assert_eq!(C::<LISTS>::of_request(size), class, "{size}");
                    assert_eq!(C::<LISTS>::block_len(size), len, "{size}");
                }
            }
            below = len;
        }
        assert_eq!(
            C::<LISTS>::len_of(C::<LISTS>::N_EXACT - 1),
            C::<LISTS>::SMALL
        );
        assert_eq!(C::<LISTS>::len_of(C::<LISTS>::N_EXACT), C::<LISTS>::LARGE);
    }

    #[test]
    fn classes_follow_one_another() {
        each_class_begins_where_the_one_below_ends::<7>();
        each_class_begins_where_the_one_below_ends::<28>();
        each_class_begins_where_the_one_below_ends::<56>();
        each_class_begins_where_the_one_below_ends::<112>();
    }

    #[test]
    fn large_blocks_are_whole_granules_and_in_no_exact_list() {
        type C = Classes<56>;
        assert_eq!(C::block_len(C::SMALL + 1), C::LARGE);
        assert_eq!(C::block_len(C::LARGE + 1), C::LARGE + GRANULE);
        assert_eq!(C::below(C::LARGE), C::N_EXACT);
    }
}
