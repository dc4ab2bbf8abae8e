//! The tier of checking: whether requests go to the stage, or to its hardened twin, which the library contains as well.
//!
//! The option is read before `main`, but after the first requests. So a few blocks may be the stage's, and a free
//! asks the hardened heap first whose the block is. The hit paths do not ask: as with the statistics, they find
//! the heap without memory, whose lists are empty, and only their slow ends branch to this module.

use core::alloc::Layout;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

use core_api::{AllocError, HeapStats, Inspect};
pub(crate) use hardened_heap::Door;
use hardened_heap::ThreadCached;

use crate::replaced;
use crate::served::Served;
use crate::stage::HEAP;
use crate::watch;

static HARDENED: ThreadCached = ThreadCached::new();

static IS_ON: AtomicBool = AtomicBool::new(false);

/// Whether the hardened heap serves. On the stage `hardened` it always does.
#[inline(always)]
pub(crate) fn is_on() -> bool {
    cfg!(feature = "hardened") || cfg!(feature = "thread-cached") && IS_ON.load(Ordering::Relaxed)
}

/// Sets the tier from the option; returns false if the value is invalid.
#[cfg(any(feature = "thread-cached", feature = "hardened"))]
pub(crate) fn set(value: &core::ffi::CStr) -> bool {
    use hardened_heap::Checks;
    let checks = match value.to_bytes() {
        b"off" => return !cfg!(feature = "hardened"),
        b"quick" => Checks::Quick,
        b"full" => Checks::All,
        _ => return false,
    };
    HARDENED.use_checks(checks);
    IS_ON.store(true, Ordering::Relaxed);
    Served::watch(&HEAP);
    true
}

/// Prepares the tier that was chosen.
pub(crate) fn begin() {
    if is_on() {
        static ARE_ANY: fn() -> bool = replaced::are_any;
        HARDENED.open_doors_if(&ARE_ANY);
    }
}

/// Guards one request in `every`.
#[cfg(any(feature = "thread-cached", feature = "hardened"))]
pub(crate) fn guard_one_in(every: u32) {
    HARDENED.guard_one_in(every);
}

/// Allocates a small block if one is ready, unless requests are counted or another heap serves. `None` says nothing.
#[inline(always)]
pub(crate) fn take_at_hand(size: usize, door: Door) -> Option<NonNull<u8>> {
    if !is_on() || watch::is_on() {
        return None;
    }
    HARDENED.allocate_at_hand(size, door)
}

/// Allocates what `malloc` returns, without its errors.
#[inline]
pub(crate) fn take(size: usize, align: usize) -> Option<NonNull<u8>> {
    let layout = Layout::from_size_align(size, align).ok()?;
    HARDENED.allocate_by(layout, Door::C)
}

/// Allocates `size` bytes at a multiple of `align`, a power of two.
#[inline]
pub(crate) fn allocate(size: usize, align: usize, door: Door) -> Result<NonNull<u8>, AllocError> {
    let layout = Layout::from_size_align(size, align).map_err(|_| AllocError)?;
    HARDENED.allocate_by(layout, door).ok_or(AllocError)
}

/// As [`allocate`]; every byte is zero.
pub(crate) fn allocate_zeroed(size: usize, align: usize) -> Result<NonNull<u8>, AllocError> {
    let layout = Layout::from_size_align(size, align).map_err(|_| AllocError)?;
    HARDENED
        .allocate_zeroed_by(layout, Door::C)
        .ok_or(AllocError)
}

/// Frees a block as `free` does.
///
/// # Safety
///
/// As for [`free`].
#[inline(always)]
pub(crate) unsafe fn give_back(block: NonNull<u8>) {
    // SAFETY: the caller's promise is passed on.
    unsafe { HARDENED.free_by(block, None, Door::C, free_older) };
}

/// Frees a block, which must have come through the same door, and has `size` bytes if that is known.
///
/// # Safety
///
/// `block` is live, and the caller does not use it again.
#[inline]
pub(crate) unsafe fn free(block: NonNull<u8>, size: Option<usize>, door: Door) {
    // SAFETY: the caller's promise is passed on.
    unsafe { HARDENED.free_by(block, size, door, free_older) };
}

/// Frees a block that is older than the choice of the tier, or none at all, which the stage explains.
#[cold]
#[inline(never)]
fn free_older(block: NonNull<u8>) {
    // SAFETY: only `free` calls this function; it passes its caller's promise on.
    unsafe { HEAP.free(block) };
}

/// Resizes a block, and moves it if it must.
///
/// # Safety
///
/// `block` is live. If the result is a block, the caller does not use the old one again.
pub(crate) unsafe fn realloc(
    block: NonNull<u8>,
    size: usize,
    align: usize,
) -> Result<NonNull<u8>, AllocError> {
    let layout = Layout::from_size_align(size, align).map_err(|_| AllocError)?;
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match HARDENED.has(block) {
            true => HARDENED
                .realloc_by(block, layout, Door::C)
                .ok_or(AllocError),
            false => Served::realloc(&HEAP, block, layout),
        }
    }
}

/// The bytes of a block that the program may use.
///
/// # Safety
///
/// `block` is live.
pub(crate) unsafe fn usable_size(block: NonNull<u8>) -> usize {
    match HARDENED.size_of(block) {
        Some(size) => size,
        // SAFETY: the caller's promise is passed on.
        None => unsafe { Served::usable_size(&HEAP, block) },
    }
}

/// Gives free memory back to the system and returns an upper bound of the bytes.
pub(crate) fn trim() -> usize {
    HARDENED.purge()
}

/// Returns sums over all blocks.
pub(crate) fn stats() -> HeapStats {
    Inspect::stats(&HARDENED)
}
