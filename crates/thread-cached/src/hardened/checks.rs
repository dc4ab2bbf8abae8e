//! How much the hardened mode does.

use crate::primitive::{AtomicBool, Ordering};

/// What the hardened mode does beside looking at each block's state and link and guarding some.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checks {
    /// Nothing: that sees most mistakes, and takes little time.
    Quick,
    /// Blocks of a new slab come in random order, but for the first, and freed ones are cleared. Those of up to
    /// 4 KiB that their own thread frees wait in quarantine, and must be zero still when they leave.
    All,
}

static ARE_QUICK: AtomicBool = AtomicBool::new(false);

/// Has all heaps do this much from now on.
pub(crate) fn set_checks(checks: Checks) {
    ARE_QUICK.store(checks == Checks::Quick, Ordering::Relaxed);
}

#[inline]
pub(super) fn are_quick() -> bool {
    ARE_QUICK.load(Ordering::Relaxed)
}
