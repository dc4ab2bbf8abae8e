//! Which checks the hardened mode makes.

use crate::primitive::{AtomicBool, Ordering};

/// Checks of the hardened mode, besides each block's state and link and the guarded blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checks {
    /// Nothing: that sees most mistakes, and takes little time.
    Quick,
    /// Blocks of a new slab come in random order, but for the first, and freed ones are cleared. Those of up to
    /// 4 KiB that their own thread frees wait in quarantine, and must be zero still when they leave.
    All,
}

static ARE_QUICK: AtomicBool = AtomicBool::new(false);

/// Sets the checks of all heaps from now on.
pub(crate) fn set_checks(checks: Checks) {
    ARE_QUICK.store(checks == Checks::Quick, Ordering::Relaxed);
}

#[inline]
pub(super) fn are_quick() -> bool {
    ARE_QUICK.load(Ordering::Relaxed)
}
