//! What a program calls: the two allocators, their hit paths, and resizing.
//!
//! Imports every folder but `observe`.

#[cfg(not(feature = "hardened"))]
pub(crate) mod fast;
pub(crate) mod global;
pub(crate) mod handle;
#[cfg(feature = "hardened")]
pub(crate) mod hardened;
pub(crate) mod in_place;
pub(crate) mod methods;
pub(crate) mod resize;
pub(crate) mod zeroed;
