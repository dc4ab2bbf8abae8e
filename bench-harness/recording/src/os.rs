//! The system calls: files mapped piece by piece, none of which allocates.

use core::ffi::{CStr, c_int};
use core::ptr::{self, NonNull};

/// The number of the error that the last call left.
pub(crate) fn errno() -> c_int {
    // SAFETY: the C library returns the address of this thread's error number.
    unsafe { *libc::__errno_location() }
}

/// Runs `work` and leaves the caller's error number as it was.
pub(crate) fn keep_errno<T>(work: impl FnOnce() -> T) -> T {
    let before = errno();
    let result = work();
    // SAFETY: as in `errno`.
    unsafe { *libc::__errno_location() = before };
    result
}

/// Zeroed private memory that a forked child finds zeroed again.
pub(crate) fn map_wiped_on_fork(len: usize) -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let base = map(len, flags, -1, 0)?;
    // SAFETY: the mapping was made just now and has `len` bytes.
    if unsafe { libc::madvise(base.as_ptr().cast(), len, libc::MADV_WIPEONFORK) } != 0 {
        unmap(base, len);
        return None;
    }
    Some(base)
}

/// Creates the file, which must not exist yet.
pub(crate) fn create(path: &CStr) -> Result<(), c_int> {
    let flags = libc::O_CREAT | libc::O_EXCL | libc::O_RDWR | libc::O_CLOEXEC;
    with_file(path, flags, |_| Ok(()))
}

/// Makes the file reach to `offset + len` and maps those `len` bytes of it.
pub(crate) fn map_file(path: &CStr, offset: usize, len: usize) -> Result<NonNull<u8>, c_int> {
    with_file(path, libc::O_RDWR | libc::O_CLOEXEC, |file| {
        reach(file, offset, len)?;
        map(len, libc::MAP_SHARED, file, offset).ok_or_else(errno)
    })
}

/// Opens the file for `work` only: a descriptor kept open could be closed or taken by the program.
fn with_file<T>(
    path: &CStr,
    flags: c_int,
    work: impl FnOnce(c_int) -> Result<T, c_int>,
) -> Result<T, c_int> {
    // SAFETY: the path ends with 0.
    let file = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    if file < 0 {
        return Err(errno());
    }
    let result = work(file);
    // SAFETY: the file was opened here.
    unsafe { libc::close(file) };
    result
}

/// Gives the file its bytes on disk now: a full disk is an error here and a signal in a mapping.
fn reach(file: c_int, offset: usize, len: usize) -> Result<(), c_int> {
    // SAFETY: the file is open.
    if unsafe { libc::fallocate(file, 0, offset as _, len as _) } == 0 {
        return Ok(());
    }
    match errno() {
        libc::EOPNOTSUPP => reach_sparsely(file, offset + len),
        error => Err(error),
    }
}

/// Writes the last byte. Truncating to a length would cut what another thread just reached.
fn reach_sparsely(file: c_int, end: usize) -> Result<(), c_int> {
    // SAFETY: the file is open and the byte is a constant.
    match unsafe { libc::pwrite(file, [0_u8].as_ptr().cast(), 1, (end - 1) as _) } {
        1 => Ok(()),
        _ => Err(errno()),
    }
}

fn map(len: usize, flags: c_int, file: c_int, offset: usize) -> Option<NonNull<u8>> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: no address is asked for, so no mapping is replaced.
    let base = unsafe { libc::mmap(ptr::null_mut(), len, access, flags, file, offset as _) };
    match base == libc::MAP_FAILED {
        true => None,
        false => NonNull::new(base.cast()),
    }
}

/// Gives back a mapping that nobody else knows.
pub(crate) fn unmap(base: NonNull<u8>, len: usize) {
    // SAFETY: the caller made the mapping and keeps no pointer to it.
    unsafe { libc::munmap(base.as_ptr().cast(), len) };
}
