//! Which pages of this process are resident.

use std::ops::Range;

use crate::memory::page_len;

/// Pages that are asked for at once.
const MOST: usize = 512;

/// Bytes of a huge page.
const HUGE: usize = 2 << 20;

/// Resident bytes of the whole pages in `range`, and those of them that lie in huge pages, if there are any. Allocates
/// nothing.
pub(super) fn resident(range: Range<usize>, has_huge_pages: bool) -> (usize, usize) {
    let page = page_len();
    let (first, end) = (range.start.next_multiple_of(page), range.end / page * page);
    let (mut resident, mut huge) = (0, 0);
    let mut at = first;
    while at < end {
        let next = (at / HUGE * HUGE + HUGE).min(end);
        let n = n_resident(at..next) * page;
        resident += n;
        if has_huge_pages && n > 0 && is_huge(at / HUGE * HUGE) {
            huge += n;
        }
        at = next;
    }
    (resident, huge)
}

/// Whether a huge page may lie at `start`: all its pages are resident.
fn is_huge(start: usize) -> bool {
    n_resident(start..start + HUGE) == HUGE / page_len()
}

/// Resident pages of `range`, which is at most a huge page.
fn n_resident(range: Range<usize>) -> usize {
    let mut flags = [0_u8; MOST];
    let (page, len) = (page_len(), range.len());
    let Some(flags) = flags.get_mut(..len.div_ceil(page)) else {
        return 0;
    };
    let start = std::ptr::without_provenance_mut(range.start);
    // SAFETY: the kernel checks the range, reads nothing in it, and fills in a byte for each page.
    let failed = unsafe { libc::mincore(start, len, flags.as_mut_ptr()) } != 0;
    // What is not mapped is not resident.
    if failed {
        0
    } else {
        flags.iter().filter(|flag| **flag & 1 == 1).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touched_pages_are_resident_and_others_are_not() {
        let page = page_len();
        let len = 64 * page;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: the kernel picks addresses that are not in use.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                len,
                libc::PROT_READ | libc::PROT_WRITE,
                flags,
                -1,
                0,
            )
        };
        // SAFETY: the mapping has `len` bytes; it shall have small pages.
        unsafe { libc::madvise(base, len, libc::MADV_NOHUGEPAGE) };
        for index in [0, 3, 4] {
            // SAFETY: the page lies in the mapping.
            unsafe { base.cast::<u8>().add(index * page).write(1) };
        }
        let start = base.addr();
        assert_eq!(resident(start..start + len, false), (3 * page, 0));
        assert_eq!(
            resident(start + 1..start + 5 * page - 1, true),
            (page, 0),
            "whole pages only"
        );
        // SAFETY: nothing uses the mapping any more.
        unsafe { libc::munmap(base, len) };
        assert_eq!(resident(start..start + len, false), (0, 0));
    }
}
