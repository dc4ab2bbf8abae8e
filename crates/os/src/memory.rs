//! Memory from Linux: address space, pages, mappings.

use core::ffi::c_void;
use core::ops::Range;
use core::ptr::{NonNull, null_mut};

use crate::errno::errno;
use crate::page::{round_down, round_up};

/// The rights to usable pages.
const USABLE: i32 = libc::PROT_READ | libc::PROT_WRITE;

/// Maps private pages that are zero. Without `MAP_FIXED` the kernel picks addresses that are not in use.
fn create(hint: *mut u8, len: usize, protection: i32, extra_flags: i32) -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | extra_flags;
    // SAFETY: the new mapping replaces none.
    let base = unsafe { libc::mmap(hint.cast(), len, protection, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(base.cast())
}

/// Maps `len` readable and writable bytes that are zero; `len` is a multiple of the page size.
pub fn map(len: usize) -> Option<NonNull<u8>> {
    create(null_mut(), len, USABLE, 0)
}

/// Does the same without a commit charge: the system may lack the memory when a page is touched.
pub fn map_uncharged(len: usize) -> Option<NonNull<u8>> {
    create(null_mut(), len, USABLE, libc::MAP_NORESERVE)
}

/// Reserves address space without memory: touching it faults, and the system charges nothing for it. `len` is a multiple
/// of the page size.
pub fn reserve(len: usize) -> Option<NonNull<u8>> {
    reserve_at(null_mut(), len)
}

/// Reserves address space near `hint`, which the kernel may ignore.
fn reserve_at(hint: *mut u8, len: usize) -> Option<NonNull<u8>> {
    create(hint, len, libc::PROT_NONE, libc::MAP_NORESERVE)
}

/// Reserves at a multiple of `align`, a power of two. Takes as much more as the worst place would need, and gives both
/// ends back; or where address space is short, asks for addresses near those that the kernel has free.
pub fn reserve_aligned(len: usize, align: usize) -> Option<NonNull<u8>> {
    let Some(base) = reserve(len.checked_add(align)?) else {
        return reserve_near(len, align);
    };
    let head = base.addr().get().wrapping_neg() & (align - 1);
    // SAFETY: `head < align`, so the rest and the tail lie in the mapping, which no other thread has seen yet.
    unsafe {
        let aligned = base.add(head);
        unmap(base, head);
        unmap(aligned.add(len), align - head);
        Some(aligned)
    }
}

/// How many places are tried for an aligned mapping.
const TRIES: usize = 16;

/// Reserves at a multiple of `align` without ever taking more than `len` addresses.
fn reserve_near(len: usize, align: usize) -> Option<NonNull<u8>> {
    let mut mapped = reserve(len)?;
    let mut wish = mapped.addr().get() & !(align - 1);
    for _ in 0..TRIES {
        if mapped.addr().get().is_multiple_of(align) {
            return Some(mapped);
        }
        // SAFETY: mapped just now, and no other thread has seen it.
        unsafe { unmap(mapped, len) };
        mapped = reserve_at(core::ptr::without_provenance_mut(wish), len)?;
        wish = wish.saturating_sub(align);
    }
    // SAFETY: as above.
    unsafe { unmap(mapped, len) };
    None
}

/// Makes these bytes of a reservation usable, and what else is in their OS pages. They are zero if they were not usable
/// before. `false` if the system refuses: it has no memory for them, or too many mappings.
///
/// # Safety
///
/// A reservation begins at `base`, and its whole OS pages contain the bytes.
pub unsafe fn commit(base: NonNull<u8>, bytes: Range<usize>) -> bool {
    let (start, end) = (round_down(bytes.start), round_up(bytes.end));
    // SAFETY: by the caller's promise the pages are the reservation's.
    bytes.is_empty() || unsafe { protect(base.add(start), end - start, true) }
}

/// Turns usable pages back into address space. One call maps a fresh reservation over them, which frees the pages and
/// their commit charge. `false` if the system refuses.
///
/// # Safety
///
/// The bytes are whole pages of a mapping, and nothing uses them.
pub unsafe fn decommit(base: NonNull<u8>, len: usize) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED;
    let place = base.as_ptr().cast();
    // SAFETY: by the caller's promise `MAP_FIXED` replaces only pages that nothing uses.
    unsafe { libc::mmap(place, len, libc::PROT_NONE, flags, -1, 0) != libc::MAP_FAILED }
}

/// Unmaps pages.
///
/// The kernel can refuse if this would cut a mapping in two and the process is at its limit of mappings. Then only the
/// pages go back, and the addresses stay taken.
///
/// # Safety
///
/// The bytes are whole pages of mappings, and nothing uses them again.
pub unsafe fn unmap(base: NonNull<u8>, len: usize) {
    if len == 0 {
        return;
    }
    // SAFETY: by the caller's promise nothing uses the pages.
    let refused = unsafe { libc::munmap(base.as_ptr().cast(), len) != 0 };
    if refused {
        // SAFETY: the pages are still mapped, and nothing needs their contents.
        unsafe { purge(base, len) };
    }
}

/// Why a mapping cannot be resized in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResizeError {
    /// Something lies behind it. Its pages can move elsewhere.
    Blocked,
    /// The pages cannot change: the program locked or protected some of them.
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
pub unsafe fn resize(
    base: NonNull<u8>,
    len: usize,
    new_len: usize,
) -> Result<NonNull<u8>, ResizeError> {
    // SAFETY: by the caller's promise nothing uses the pages that go.
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

/// Makes a mapping `new_len` bytes long, where it is or elsewhere.
///
/// # Safety
///
/// `base` and `len` are those of a mapping. After a success nothing uses the old bytes again.
pub unsafe fn resize_or_move(base: NonNull<u8>, len: usize, new_len: usize) -> Option<NonNull<u8>> {
    // SAFETY: without `MREMAP_FIXED` the kernel takes only addresses that are not in use; the caller promises the rest.
    let resized = unsafe { libc::mremap(base.as_ptr().cast(), len, new_len, libc::MREMAP_MAYMOVE) };
    if resized == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(resized.cast())
}

/// Moves the pages of a mapping to the start of another, which is replaced: no byte is copied. After
/// a failure the other may be there or not.
///
/// # Safety
///
/// Both are mappings with these lengths; the old one is not used again after a
/// success, and the new one neither before nor after a failure.
pub unsafe fn move_pages(
    old: NonNull<u8>,
    len: usize,
    new: NonNull<u8>,
    new_len: usize,
) -> Option<NonNull<u8>> {
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    let (old, new) = (old.as_ptr().cast(), new.as_ptr().cast::<c_void>());
    // SAFETY: by the caller's promise only its own mappings change.
    let moved = unsafe { libc::mremap(old, len, new_len, flags, new) };
    (moved != libc::MAP_FAILED).then(|| NonNull::new(moved.cast()))?
}

/// Frees the whole OS pages within these bytes, and returns how many bytes that are; 0 if the system refuses. The pages stay
/// usable and read as zero.
///
/// It uses `MADV_DONTNEED`, not `MADV_FREE`: resident memory falls at once, not only when the machine runs short of
/// memory, and the pages' contents are defined afterwards.
///
/// # Safety
///
/// The bytes are mapped, private and anonymous, and nothing needs their contents.
pub unsafe fn purge(base: NonNull<u8>, len: usize) -> usize {
    let first = round_up(base.addr().get());
    let end = round_down(base.addr().get() + len);
    let Some(whole) = end.checked_sub(first).filter(|&bytes| bytes > 0) else {
        return 0;
    };
    let first = base.as_ptr().with_addr(first);
    // SAFETY: the range lies within the bytes for which the caller makes its promise.
    let refused = unsafe { libc::madvise(first.cast(), whole, libc::MADV_DONTNEED) != 0 };
    if refused { 0 } else { whole }
}

/// Asks for huge pages where these whole pages are not resident yet, or for none; `false` if the system
/// has no huge pages.
///
/// # Safety
///
/// The bytes are mapped.
pub unsafe fn advise_huge(base: NonNull<u8>, len: usize, huge: bool) -> bool {
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
/// The bytes are whole pages of a mapping. Nothing uses them if they become untouchable.
pub unsafe fn protect(base: NonNull<u8>, len: usize, usable: bool) -> bool {
    let protection = match usable {
        true => USABLE,
        false => libc::PROT_NONE,
    };
    // SAFETY: by the caller's promise only these pages change, and nothing uses those that become untouchable.
    unsafe { libc::mprotect(base.as_ptr().cast(), len, protection) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page_size;

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
}
