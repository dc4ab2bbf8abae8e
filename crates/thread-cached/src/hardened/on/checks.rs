//! The setting of the checks.

use crate::hardened::checks::Checks;
use crate::primitive::{AtomicBool, Ordering};

static ARE_QUICK: AtomicBool = AtomicBool::new(false);

/// Sets the checks of all heaps from now on.
pub(crate) fn set_checks(checks: Checks) {
    ARE_QUICK.store(checks == Checks::Quick, Ordering::Relaxed);
}

/// Whether the checks are [`Checks::Quick`].
#[inline]
pub(crate) fn are_quick() -> bool {
    ARE_QUICK.load(Ordering::Relaxed)
}
