//! The operating system: only this folder calls libc. It may import `primitive`.

pub(crate) mod clock;
#[cfg(feature = "hardened")]
mod faults;
mod thread_value;

use core::ffi::{c_int, c_void};
use core::ops::Range;
use core::ptr::{NonNull, null_mut};

use core_api::align::{is_aligned, padding, round_down, round_up};

use crate::primitive::{AtomicU32, Ordering};

#[cfg(feature = "hardened")]
pub(crate) use faults::{Explain, explain_faults};
pub(crate) use thread_value::{AtThreadEnd, ThreadValue};

/// Calls `body` and restores the thread's `errno`, so that an allocation never changes it. The hit paths make no
/// system call and need no such care.
pub(crate) fn keeping_errno<T>(body: impl FnOnce() -> T) -> T {
    let place = errno();
    // SAFETY: the place is this thread's, and stays for as long as the thread does.
    unsafe {
        let before = place.read();
        let result = body();
        place.write(before);
        result
    }
}

/// Where the calling thread's `errno` is.
fn errno() -> *mut c_int {
    #[cfg(target_os = "android")]
    use libc::__errno as errno_location;
    #[cfg(not(target_os = "android"))]
    use libc::__errno_location as errno_location;
    // SAFETY: always allowed.
    unsafe { errno_location() }
}

/// Reserves address space without access rights, for which the system charges nothing.
fn reserve(hint: *mut u8, len: usize) -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: without `MAP_FIXED` the kernel picks addresses that nobody uses.
    let base = unsafe { libc::mmap(hint.cast(), len, libc::PROT_NONE, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(base.cast())
}

/// Reserves at a multiple of `align`: takes as much more as the worst place would need, and
/// gives both ends back; or where address space is short, asks for addresses near those that the
/// kernel has free.
pub(crate) fn reserve_aligned(len: usize, align: usize) -> Option<NonNull<u8>> {
    let Some(base) = reserve(null_mut(), len.checked_add(align)?) else {
        return reserve_near(len, align);
    };
    let head = padding(base.addr().get(), align);
    // SAFETY: `head < align`, so that the rest and the tail lie in the mapping, which nobody has
    // seen yet.
    unsafe {
        let aligned = base.add(head);
        unmap(base, head);
        unmap(aligned.add(len), align - head);
        Some(aligned)
    }
}

/// How many places are tried for an aligned mapping.
const TRIES: usize = 16;

/// Reserves at a multiple of `align` without ever taking more than `len` addresses. The kernel treats an
/// address as a wish, and may have another.
fn reserve_near(len: usize, align: usize) -> Option<NonNull<u8>> {
    let mut mapped = reserve(null_mut(), len)?;
    let mut wish = round_down(mapped.addr().get(), align);
    for _ in 0..TRIES {
        if is_aligned(mapped.addr().get(), align) {
            return Some(mapped);
        }
        // SAFETY: mapped just now, and nobody has seen it.
        unsafe { unmap(mapped, len) };
        mapped = reserve(core::ptr::without_provenance_mut(wish), len)?;
        wish = wish.saturating_sub(align);
    }
    // SAFETY: as above.
    unsafe { unmap(mapped, len) };
    None
}

/// Makes these bytes of a reservation readable and writable, and what else is in their OS pages. They
/// are zero if they were not so before. `false` if the system refuses: it has no memory for them, or
/// too many mappings.
///
/// # Safety
///
/// A reservation of this file begins at `base`, and its whole OS pages contain the bytes.
pub(crate) unsafe fn commit(base: NonNull<u8>, bytes: Range<usize>) -> bool {
    let page = page_size();
    let (start, end) = (round_down(bytes.start, page), round_up(bytes.end, page));
    // SAFETY: the caller's promise.
    bytes.is_empty() || unsafe { protect(base.add(start), end - start, true) }
}

/// Unmaps pages.
///
/// # Safety
///
/// The bytes are whole mappings of this file, and are not used again.
pub(crate) unsafe fn unmap(base: NonNull<u8>, len: usize) {
    if len > 0 {
        // SAFETY: the caller's promise. A refusal leaves the pages as they are, which harms nobody.
        unsafe { libc::munmap(base.as_ptr().cast(), len) };
    }
}

/// Why a block cannot be resized in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResizeError {
    /// Something lies behind it. Its pages can move elsewhere.
    Blocked,
    /// The block cannot change: it is in a slab, or the program locked or protected some of its pages.
    Fixed,
}

/// Makes a mapping `new_len` bytes long where it is.
///
/// # Errors
///
/// The reason, if it cannot be resized in place.
///
/// # Safety
///
/// `base` and `len` are those of a mapping, and what lies beyond `new_len` is not used again.
pub(crate) unsafe fn resize(
    base: NonNull<u8>,
    len: usize,
    new_len: usize,
) -> Result<NonNull<u8>, ResizeError> {
    // SAFETY: the caller's promise.
    let resized = unsafe { libc::mremap(base.as_ptr().cast(), len, new_len, 0) };
    if resized != libc::MAP_FAILED {
        return NonNull::new(resized.cast()).ok_or(ResizeError::Fixed);
    }
    // SAFETY: the place is this thread's.
    let is_in_the_way = new_len > len && unsafe { errno().read() } == libc::ENOMEM;
    Err(match is_in_the_way {
        true => ResizeError::Blocked,
        false => ResizeError::Fixed,
    })
}

/// Moves the pages of a mapping to the start of another, which is replaced: no byte is copied. After
/// a failure the other may be there or not.
///
/// # Safety
///
/// Both are mappings of this file with these lengths; the old one is not used again after a
/// success, and the new one neither before nor after a failure.
pub(crate) unsafe fn move_pages(
    old: NonNull<u8>,
    len: usize,
    new: NonNull<u8>,
    new_len: usize,
) -> Option<NonNull<u8>> {
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    let (old, new) = (old.as_ptr().cast(), new.as_ptr().cast::<c_void>());
    // SAFETY: the caller's promise: only its own mappings change.
    let moved = unsafe { libc::mremap(old, len, new_len, flags, new) };
    (moved != libc::MAP_FAILED).then(|| NonNull::new(moved.cast()))?
}

/// Frees the whole OS pages within these bytes; they stay usable and read as zero. `false` if the
/// system refuses, or has larger pages than these.
///
/// # Safety
///
/// The bytes are mapped by this file, and what they hold is not needed.
pub(crate) unsafe fn purge(base: NonNull<u8>, len: usize) -> bool {
    let page = page_size();
    let first = round_up(base.addr().get(), page);
    let end = round_down(base.addr().get() + len, page);
    let whole = end.saturating_sub(first);
    let start = base.as_ptr().with_addr(first);
    // SAFETY: the caller's promise; the range only shrank.
    let refused =
        whole > 0 && unsafe { libc::madvise(start.cast(), whole, libc::MADV_DONTNEED) != 0 };
    whole == len && !refused
}

/// Asks for huge pages where these whole pages are not resident yet, or for none; `false` if the system
/// has no huge pages.
///
/// # Safety
///
/// The bytes are mapped by this file.
pub(crate) unsafe fn advise_huge(base: NonNull<u8>, len: usize, huge: bool) -> bool {
    let advice = match huge {
        true => libc::MADV_HUGEPAGE,
        false => libc::MADV_NOHUGEPAGE,
    };
    // SAFETY: what the bytes hold stays as it is.
    unsafe { libc::madvise(base.as_ptr().cast(), len, advice) == 0 }
}

/// Makes whole pages readable and writable, or untouchable; `false` if the system refuses.
///
/// # Safety
///
/// This file mapped the bytes. They are not in use if they become untouchable.
pub(crate) unsafe fn protect(base: NonNull<u8>, len: usize, usable: bool) -> bool {
    let protection = match usable {
        true => libc::PROT_READ | libc::PROT_WRITE,
        false => libc::PROT_NONE,
    };
    // SAFETY: the caller's promise.
    unsafe { libc::mprotect(base.as_ptr().cast(), len, protection) == 0 }
}

/// A random number from the system; early at boot it is weak.
#[cfg(feature = "hardened")]
pub(crate) fn random() -> u64 {
    let mut number = 0_u64;
    let place = (&raw mut number).cast();
    // SAFETY: the place has that many bytes.
    keeping_errno(|| unsafe { libc::getrandom(place, size_of::<u64>(), libc::GRND_NONBLOCK) });
    let mixed = number ^ (place.addr() as u64).rotate_left(32);
    mixed ^ u64::from(now())
}

/// Bytes of an OS page: asked once, then remembered.
pub(crate) fn page_size() -> usize {
    static PAGE_SIZE: AtomicU32 = AtomicU32::new(0);
    match PAGE_SIZE.load(Ordering::Relaxed) {
        0 => {
            // SAFETY: `sysconf` only reads its argument.
            let asked = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            let page = u32::try_from(asked).unwrap_or(4096);
            PAGE_SIZE.store(page, Ordering::Relaxed);
            page as usize
        }
        known => known as usize,
    }
}

/// Milliseconds since some moment, never 0; wraps around after seven weeks.
pub(crate) fn now() -> u32 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the struct outlives the call.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_COARSE, &mut time) };
    let millis = (time.tv_sec as u64).wrapping_mul(1000) + time.tv_nsec as u64 / 1_000_000;
    (millis as u32).max(1)
}

/// Whether the process has one thread, as the kernel counts them: the directory has a link for each
/// of them beside its own two. `false` where there is no `/proc`. May be asked in a signal's handler.
pub(crate) fn has_one_thread() -> bool {
    // SAFETY: a structure of numbers, and a path that ends in a zero.
    keeping_errno(|| unsafe {
        let mut threads: libc::stat = core::mem::zeroed();
        libc::stat(c"/proc/self/task".as_ptr(), &mut threads) == 0 && threads.st_nlink == 3
    })
}

/// Registers three functions that `fork` calls: before, and after in the parent and in the child.
pub(crate) fn at_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the functions live as long as the program. A failure leaves `fork` as unprotected
    // as it was, which nothing here could improve.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_neighbour_keeps_short_can_move() {
        let (page, len) = (page_size(), 4 * page_size());
        let base = reserve_aligned(2 * len, page).expect("address space");
        // SAFETY: the mapping above, whose second half is in the way of its first.
        unsafe {
            assert!(commit(base, 0..2 * len));
            let stays = |new_len| resize(base, len, new_len).err();
            assert_eq!(stays(2 * len), Some(ResizeError::Blocked));
            assert!(protect(base.add(page), page, false));
            assert_eq!(stays(2 * len), Some(ResizeError::Fixed));
            assert_eq!(resize(base.add(len), len, page), Ok(base.add(len)));
            unmap(base, len + page);
        }
    }

    #[test]
    fn threads_are_counted() {
        let other = std::thread::spawn(has_one_thread).join();
        assert!(!other.expect("it ends"), "this one is there, too");
    }
}
