//! Allocators that programs are linked with. While such a program is recorded, the C library allocates for it.

use std::path::Path;

use super::image::Image;

/// The starts of the libraries' names.
const LIBRARIES: &[&str] = &[
    "libjemalloc",
    "libtcmalloc",
    "libmimalloc",
    "libsnmalloc",
    "librpmalloc",
    "libhoard",
    "libtbbmalloc",
    "libscudo",
    "libhardened_malloc",
];

/// A program's own allocator.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Linked {
    /// The library's name.
    pub(super) library: String,
    /// True if the program takes blocks from C++'s `new`, which such a library serves itself.
    pub(super) calls_new: bool,
}

/// Returns the allocator that the program at `path` is linked with.
pub(super) fn with(path: &Path) -> Option<Linked> {
    let Image {
        needed, calls_new, ..
    } = Image::read(path)?;
    let is_allocator = |library: &String| LIBRARIES.iter().any(|begin| library.starts_with(begin));
    let library = needed.into_iter().find(is_allocator)?;
    Some(Linked { library, calls_new })
}
