//! The only address arithmetic in the workspace.
//!
//! All functions work on plain `usize` values: they take an address and return an address or a distance. A
//! [`Region`](crate::Region) turns an address back into a pointer. All alignments are powers of two, as
//! [`Layout`](core::alloc::Layout) guarantees.

/// Rounds `value` up to the next multiple of `align`, or `None` if that does not fit in `usize`.
///
/// ```
/// use core_api::align::checked_round_up;
/// assert_eq!(checked_round_up(13, 8), Some(16));
/// assert_eq!(checked_round_up(16, 8), Some(16));
/// assert_eq!(checked_round_up(usize::MAX, 8), None);
/// ```
#[inline]
pub const fn checked_round_up(value: usize, align: usize) -> Option<usize> {
    debug_assert!(align.is_power_of_two());
    match value.checked_add(align - 1) {
        Some(sum) => Some(sum & !(align - 1)),
        None => None,
    }
}

// ANCHOR: round_up
/// Rounds `value` up to the next multiple of `align`, for values so small that the sum cannot overflow.
///
/// A `Layout`'s size is at most `isize::MAX`, so rounding it up to any alignment up to
/// `isize::MAX` cannot overflow; for anything else use [`checked_round_up`].
#[inline]
pub const fn round_up(value: usize, align: usize) -> usize {
    debug_assert!(align.is_power_of_two());
    debug_assert!(value <= usize::MAX - (align - 1));
    value.wrapping_add(align - 1) & !(align - 1)
}
// ANCHOR_END: round_up

/// Rounds `value` down to a multiple of `align`.
#[inline]
pub const fn round_down(value: usize, align: usize) -> usize {
    debug_assert!(align.is_power_of_two());
    value & !(align - 1)
}

/// Returns whether `value` is a multiple of `align`.
#[inline]
pub const fn is_aligned(value: usize, align: usize) -> bool {
    debug_assert!(align.is_power_of_two());
    value & (align - 1) == 0
}

/// Returns the bytes from `address` to the next multiple of `align`: 0 if it is aligned already.
///
/// ```
/// use core_api::align::padding;
/// assert_eq!(padding(0x1004, 16), 12);
/// assert_eq!(padding(0x1010, 16), 0);
/// ```
#[inline]
pub const fn padding(address: usize, align: usize) -> usize {
    debug_assert!(align.is_power_of_two());
    address.wrapping_neg() & (align - 1)
}
