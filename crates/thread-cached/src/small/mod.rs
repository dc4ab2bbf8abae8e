//! Small blocks: slabs that are carved into blocks of one class, and the magazines in front of them.
//!
//! May import `pages`, `heap` and `os`.

pub(crate) mod magazines;
pub(crate) mod runs;
pub(crate) mod slab;
pub(crate) mod slab_record;
pub(crate) mod slabs;
pub(crate) mod subpage;
