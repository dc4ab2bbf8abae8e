//! Which thread has which heap: creation, adoption, the end of a thread, and `fork`.
//!
//! May import `large`, `giving_back`, `pages`, `heap`, `os`, and the locks of `hardened`.

pub(crate) mod current;
pub(crate) mod registry;
