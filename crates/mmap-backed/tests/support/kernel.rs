//! A kernel with pages of 64 KiB, as far as an allocator sees one. In a test that has this module,
//! the calls that Rust code makes of the C library come here: addresses that are no multiples of
//! 64 KiB are refused, lengths are rounded up, and what is mapped begins at a multiple.

use core::ffi::{c_int, c_long, c_void};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of a page.
pub(crate) const PAGE: usize = 64 << 10;

static N_REFUSED: AtomicUsize = AtomicUsize::new(0);

/// How many calls had an address that is not a page's. The kernel answers them with `EINVAL`.
pub(crate) fn n_refused() -> usize {
    N_REFUSED.load(Ordering::Relaxed)
}

fn refuse() {
    N_REFUSED.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the place is this thread's.
    unsafe { *libc::__errno_location() = libc::EINVAL };
}

fn is_page(address: *mut c_void) -> bool {
    let is_page = address.addr().is_multiple_of(PAGE);
    if !is_page {
        refuse();
    }
    is_page
}

const fn rounded(len: usize) -> usize {
    len.next_multiple_of(PAGE)
}

unsafe extern "C" {
    fn __sysconf(name: c_int) -> c_long;
    /// The kernel's answer to a call that returns an address, or `MAP_FAILED` and `errno`.
    #[link_name = "syscall"]
    fn place(number: c_long, ...) -> *mut c_void;
}

#[unsafe(no_mangle)]
extern "C" fn sysconf(name: c_int) -> c_long {
    match name {
        libc::_SC_PAGESIZE => PAGE as c_long,
        // SAFETY: always allowed.
        _ => unsafe { __sysconf(name) },
    }
}

#[unsafe(no_mangle)]
extern "C" fn mmap(
    wish: *mut c_void,
    len: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: libc::off_t,
) -> *mut c_void {
    let is_fixed = flags & libc::MAP_FIXED != 0;
    if is_fixed && !is_page(wish) {
        return libc::MAP_FAILED;
    }
    let ask = |wish: *mut c_void, len: usize| {
        // SAFETY: the caller's own call, or one of which the caller sees a part.
        unsafe { place(libc::SYS_mmap, wish, len, protection, flags, file, offset) }
    };
    let len = rounded(len);
    if is_fixed {
        return ask(wish, len);
    }
    // One page more than is wanted has a multiple of a page in it.
    let found = ask(wish.map_addr(|wish| wish / PAGE * PAGE), len + PAGE);
    if found == libc::MAP_FAILED {
        return found;
    }
    let start = found.map_addr(rounded);
    let head = start.addr() - found.addr();
    // SAFETY: both ends were mapped just now, and nobody has seen them.
    unsafe {
        libc::syscall(libc::SYS_munmap, found, head);
        libc::syscall(libc::SYS_munmap, start.wrapping_byte_add(len), PAGE - head);
    }
    start
}

/// What the standard library calls.
#[unsafe(no_mangle)]
extern "C" fn mmap64(
    wish: *mut c_void,
    len: usize,
    protection: c_int,
    flags: c_int,
    file: c_int,
    offset: libc::off64_t,
) -> *mut c_void {
    mmap(wish, len, protection, flags, file, offset)
}

#[unsafe(no_mangle)]
extern "C" fn munmap(start: *mut c_void, len: usize) -> c_int {
    if !is_page(start) {
        return -1;
    }
    // SAFETY: the caller's own call.
    unsafe { libc::syscall(libc::SYS_munmap, start, rounded(len)) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn mprotect(start: *mut c_void, len: usize, protection: c_int) -> c_int {
    if !is_page(start) {
        return -1;
    }
    // SAFETY: the caller's own call.
    unsafe { libc::syscall(libc::SYS_mprotect, start, rounded(len), protection) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn madvise(start: *mut c_void, len: usize, advice: c_int) -> c_int {
    if !is_page(start) {
        return -1;
    }
    // SAFETY: the caller's own call.
    unsafe { libc::syscall(libc::SYS_madvise, start, rounded(len), advice) as c_int }
}

/// Blocks are moved to where the caller says, or stay: a place that the kernel finds need not be a
/// page's.
#[unsafe(no_mangle)]
extern "C" fn mremap(
    start: *mut c_void,
    len: usize,
    new_len: usize,
    flags: c_int,
    to: *mut c_void,
) -> *mut c_void {
    let is_fixed = flags & libc::MREMAP_FIXED != 0;
    if !is_page(start) || is_fixed && !is_page(to) {
        return libc::MAP_FAILED;
    }
    let flags = if is_fixed { flags } else { 0 };
    let (len, new_len) = (rounded(len), rounded(new_len));
    // SAFETY: the caller's own call.
    unsafe { place(libc::SYS_mremap, start, len, new_len, flags, to) }
}
