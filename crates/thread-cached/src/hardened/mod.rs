//! The hook point of the hardened mode, in which a program's misuse of a block ends it with a message.
//!
//! All other folders call the functions of this one, whatever the mode. With the feature `hardened` they are those of
//! `on`, which check and keep the states of blocks; without it they are those of `off`, which do nothing and take no
//! memory. The hit paths are replaced as a whole: `front` has two files of them, `fast` and `hardened`.
//!
//! Imports `layout` and `os`.

mod checks;
#[cfg(not(feature = "hardened"))]
mod off;
#[cfg(feature = "hardened")]
mod on;

pub use checks::Checks;
#[cfg(not(feature = "hardened"))]
pub(crate) use off::*;
#[cfg(feature = "hardened")]
pub use on::Door;
#[cfg(feature = "hardened")]
pub(crate) use on::*;
