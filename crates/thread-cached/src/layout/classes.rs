//! The size classes: a request is rounded up to one of a few block sizes, and a slab holds blocks
//! of one size.
//!
//! The sizes go in steps of 8 bytes up to 128. Larger sizes divide a page, or a few pages, into blocks that leave next to
//! nothing over. A class is a number from 1 on, because 0 in the page map means that the unit is in no slab.

use core::alloc::Layout;

use core_api::align::{is_aligned, round_up};

use crate::layout::units::{PAGE, UNIT};

/// Payload bytes of each class; there is no class 0.
const SIZES: [u16; CLASS_END] = [
    0, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 128, 144, 160, 176, 192, 208,
    224, 240, 256, 288, 304, 336, 368, 400, 448, 512, 576, 672, 816, 1024, 1088, 1168, 1360, 1632,
    2048, 2336, 2720, 3264, 4096, 4608, 6144, 8192, 9216, 12288, 16384, 24576, 32768,
];

/// Number of classes.
pub(crate) const N_CLASSES: usize = 51;

/// Class numbers are below this; lists are indexed by class.
pub(crate) const CLASS_END: usize = N_CLASSES + 1;

/// The largest request that has a class. Larger ones get pages of their own.
pub(crate) const CLASS_MAX: usize = 32768;

/// Every block of every class starts at a multiple of this if its size is one, and of 8 otherwise.
pub(crate) const FAST_ALIGN: usize = 16;

/// The smallest class that has room, by size in steps of 8 bytes.
static BY_EIGHTHS: [u8; CLASS_MAX / 8 + 1] = TABLE;

const TABLE: [u8; CLASS_MAX / 8 + 1] = {
    let mut table = [0; CLASS_MAX / 8 + 1];
    let (mut index, mut class) = (0, 1);
    while index < table.len() {
        while index * 8 > size_of(class) {
            class += 1;
        }
        table[index] = class as u8;
        index += 1;
    }
    table
};

/// Requests up to this are served by the heap's own table.
pub(crate) const SMALL_MAX: usize = 1024;

/// For each size in steps of 16 bytes: the smallest class that has room and whose blocks are aligned to 16 bytes.
pub(crate) type Small = [u8; SMALL_MAX / FAST_ALIGN + 1];

/// That table: each heap has one, so that it lies beside the heap's lists.
pub(crate) const SMALL: Small = {
    let mut table = [0; SMALL_MAX / FAST_ALIGN + 1];
    let mut index = 0;
    while index < table.len() {
        table[index] = TABLE[index * FAST_ALIGN / 8];
        index += 1;
    }
    table
};

/// Payload bytes of a class.
#[inline]
pub(crate) const fn size_of(class: usize) -> usize {
    SIZES[class] as usize
}

/// The smallest class that has room for `size` bytes, at most [`CLASS_MAX`].
#[inline(always)]
pub(crate) fn of_size(size: usize) -> usize {
    debug_assert!(size <= CLASS_MAX);
    // SAFETY: the sizes up to `CLASS_MAX` are the table's indices.
    usize::from(unsafe { *BY_EIGHTHS.get_unchecked(size.div_ceil(8)) })
}

/// The class for `layout`, unless it has none, or needs a larger one than its size alone.
#[cfg_attr(
    feature = "hardened",
    allow(dead_code, reason = "its blocks need larger slots")
)]
#[inline(always)]
pub(crate) fn of_layout(layout: Layout) -> Option<usize> {
    let (mut size, align) = (layout.size(), layout.align());
    if size > CLASS_MAX {
        return None;
    }
    if align > 8 {
        if align > FAST_ALIGN {
            let class = of_size(size);
            return (align <= PAGE && is_aligned(size_of(class), align)).then_some(class);
        }
        size = round_up(size, FAST_ALIGN);
    }
    Some(of_size(size))
}

/// The class for `size` bytes at a multiple of `align`, or `None` if only pages of their own will
/// do.
///
/// A slab starts at a multiple of every power of two that divides its blocks' size, up to a page;
/// so a block is aligned if its size is a multiple of the alignment.
pub(crate) fn of(size: usize, align: usize) -> Option<usize> {
    if size > CLASS_MAX || align > PAGE {
        return None;
    }
    (of_size(size)..CLASS_END).find(|&class| is_aligned(size_of(class), align))
}

/// Blocks of a slab, at least.
const LEAST_BLOCKS: usize = 4;

/// Pages of a slab: the fewest that leave at most one byte in 24 over; for blocks larger than a page, one in 128.
pub(crate) const fn slab_pages(class: usize) -> usize {
    SLAB_PAGES[class - 1] as usize
}

/// Blocks of a slab.
pub(crate) const fn slab_blocks(class: usize) -> usize {
    slab_pages(class) * PAGE / size_of(class)
}

const SLAB_PAGES: [u8; N_CLASSES] = {
    let mut pages = [0; N_CLASSES];
    let mut class = 1;
    while class < CLASS_END {
        let size = size_of(class);
        let parts = if size > PAGE { 128 } else { 24 };
        let mut n = 1;
        while n * PAGE < size * LEAST_BLOCKS || n * PAGE % size > n * PAGE / parts {
            n += 1;
        }
        pages[class - 1] = n as u8;
        class += 1;
    }
    pages
};

/// The largest block size with sub-page slabs.
const SMALL_SLAB_MAX: usize = 1024;

/// Units of a sub-page slab: one, or two if one unit would leave more than an eighth over. `None` for classes without
/// sub-page slabs.
pub(crate) const fn small_slab_units(class: usize) -> Option<usize> {
    let size = size_of(class);
    match size <= SMALL_SLAB_MAX {
        true if UNIT % size <= UNIT / 8 => Some(1),
        true => Some(2),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_small_size_gets_the_smallest_class_with_room() {
        for size in 0..=CLASS_MAX {
            let class = of_size(size);
            assert!(size_of(class) >= size);
            assert!(class == 1 || size_of(class - 1) < size);
        }
    }

    #[test]
    fn every_size_and_alignment_gets_a_class_that_fits() {
        for size in 0..=CLASS_MAX {
            for log2 in 0..=12 {
                let class = of(size, 1 << log2).expect("a class");
                assert!(size_of(class) >= size, "{size}");
                assert!(size_of(class).is_multiple_of(1 << log2), "{size} {log2}");
            }
        }
        assert_eq!(of(CLASS_MAX + 1, 1), None);
        assert_eq!(of(1, 2 * PAGE), None);
    }

    #[test]
    fn a_layout_gets_the_class_that_its_size_and_alignment_get_or_none() {
        for size in 0..=CLASS_MAX + 1 {
            for log2 in 0..=14 {
                let layout = Layout::from_size_align(size, 1 << log2).expect("a valid layout");
                let class = of_layout(layout);
                assert!(
                    class.is_none() || class == of(size, 1 << log2),
                    "{layout:?}"
                );
                let is_fast = size <= CLASS_MAX && log2 <= FAST_ALIGN.ilog2();
                assert!(class.is_some() || !is_fast, "{layout:?}");
            }
        }
    }

    #[test]
    fn rounding_up_to_16_is_all_that_an_alignment_of_16_needs() {
        for size in (0..=CLASS_MAX).step_by(FAST_ALIGN) {
            assert!(size_of(of_size(size)).is_multiple_of(FAST_ALIGN));
        }
    }

    #[test]
    fn slabs_are_small_and_leave_little_over() {
        for class in 1..CLASS_END {
            let (size, pages) = (size_of(class), slab_pages(class));
            assert!(slab_blocks(class) >= LEAST_BLOCKS && pages <= 32);
            assert!(size > PAGE || pages <= 4);
            assert!(pages == 1 || size > SMALL_SLAB_MAX);
            let over = pages * PAGE % size;
            assert!(over * 24 <= pages * PAGE, "{size} leaves {over}");
        }
    }

    #[test]
    fn small_slabs_start_where_their_blocks_alignment_asks() {
        for class in 1..CLASS_END {
            if let Some(units) = small_slab_units(class) {
                let size = size_of(class);
                assert!(size <= units * UNIT);
                assert!(size.trailing_zeros() <= UNIT.trailing_zeros());
                assert!(units * UNIT % size * 4 <= units * UNIT, "{size}");
            }
        }
        assert_eq!(small_slab_units(of_size(SMALL_SLAB_MAX + 1)), None);
    }
}
