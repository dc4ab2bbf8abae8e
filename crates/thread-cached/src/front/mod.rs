//! What a program calls: the two allocators, their hit paths, and resizing.
//!
//! May import every folder but `observe`.

pub(crate) mod fast;
pub(crate) mod global;
pub(crate) mod handle;
pub(crate) mod in_place;
pub(crate) mod methods;
pub(crate) mod resize;
pub(crate) mod zeroed;
