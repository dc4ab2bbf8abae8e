//! Addresses that are reserved once, by whichever thread needs them first.

use core::ptr::{NonNull, null_mut};

use crate::layout::units::PAGE;
use crate::primitive::{AtomicPtr, Ordering};

/// Returns the `len` bytes of address space at `base`, which is null before the first call. Reserves them then, and calls
/// `begin` afterwards.
pub(super) fn reserved(
    base: &AtomicPtr<u8>,
    len: usize,
    begin: impl FnOnce(),
) -> Option<NonNull<u8>> {
    if let Some(base) = NonNull::new(base.load(Ordering::Acquire)) {
        return Some(base);
    }
    let fresh = os::keeping_errno(|| os::reserve_aligned(len, PAGE))?;
    let (won, lost) = (Ordering::AcqRel, Ordering::Acquire);
    if let Err(theirs) = base.compare_exchange(null_mut(), fresh.as_ptr(), won, lost) {
        // SAFETY: no other thread has seen it.
        unsafe { os::unmap(fresh, len) };
        return NonNull::new(theirs);
    }
    begin();
    Some(fresh)
}
