//! Which thread has which heap: creation, adoption, the end of a thread, and `fork`.
//!
//! Imports `large`, `giving_back`, `heap`, `pages`, `hardened`, `layout` and `os`.

pub(crate) mod current;
pub(crate) mod registry;
