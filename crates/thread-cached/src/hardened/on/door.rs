//! The doors: the families of functions that hand blocks out and take them back.

/// A family of functions. A block must go back through the family that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Door {
    /// Rust's allocator traits.
    Layout,
    /// C's `malloc`, `realloc`, `aligned_alloc` and `free`.
    C,
    /// C++'s `new` and `delete`.
    New,
    /// C++'s `new[]` and `delete[]`.
    NewArray,
    /// C++'s `new` and `delete` with an alignment.
    AlignedNew,
    /// C++'s `new[]` and `delete[]` with an alignment.
    AlignedNewArray,
}
