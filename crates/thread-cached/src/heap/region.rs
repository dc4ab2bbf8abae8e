//! The region of one heap: its parts, behind the heap's header.

use crate::heap::header::HeapHeader;
use crate::pages::parts::Parts;

/// Offset of the page map's kinds, which is the same in every region.
pub(crate) const KINDS: usize = parts(0).kinds();

/// The parts of a region of `n_pages` pages.
#[inline]
pub(crate) const fn parts(n_pages: usize) -> Parts {
    Parts::of(n_pages, size_of::<HeapHeader>())
}
