//! Small blocks: slabs that are carved into blocks of one class, and the magazines in front of them.
//!
//! Imports `huge_pages`, `heap`, `pages`, `layout` and `os`.

pub(crate) mod carving;
pub(crate) mod magazines;
pub(crate) mod runs;
pub(crate) mod slab;
pub(crate) mod slab_pages;
pub(crate) mod slabs;
pub(crate) mod subpage;
