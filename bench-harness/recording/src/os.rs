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

/// How a file gets room on the disk.
#[derive(Clone, Copy)]
pub(crate) enum Room {
    /// Reserved: quick, but the first write to each page of the mapping takes three times as long.
    Reserved,
    /// Filled with zeroes, over whatever is there.
    Filled,
}

/// Makes the file reach to `offset + len` and maps those `len` bytes of it.
pub(crate) fn map_file(
    path: &CStr,
    offset: usize,
    len: usize,
    room: Room,
) -> Result<NonNull<u8>, c_int> {
    let make_room = |file| {
        let made = match room {
            Room::Reserved => reserve(file, offset, len),
            Room::Filled => fill(file, offset, len),
        };
        if made.is_err() {
            // What was written up to there may be all that was left of the disk.
            let flags = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
            // SAFETY: the file is open, and nothing is mapped there yet.
            unsafe { libc::fallocate(file, flags, offset as _, len as _) };
        }
        made
    };
    with_file(path, libc::O_RDWR | libc::O_CLOEXEC, |file| {
        hold_back_size_signal(|| make_room(file))?;
        map(len, libc::MAP_SHARED, file, offset).ok_or_else(errno)
    })
}

/// Runs `work` without the signal for a file that exceeds the process's limit: it would end a program
/// whose own files are within.
fn hold_back_size_signal(work: impl FnOnce() -> Result<(), c_int>) -> Result<(), c_int> {
    // SAFETY: signal sets may be any bytes, and the C library fills them before they are used.
    unsafe {
        let mut size: libc::sigset_t = core::mem::zeroed();
        let (mut before, mut pending) = (size, size);
        libc::sigemptyset(&mut size);
        libc::sigaddset(&mut size, libc::SIGXFSZ);
        libc::sigpending(&mut pending);
        libc::pthread_sigmask(libc::SIG_BLOCK, &size, &mut before);
        let result = work();
        if result == Err(libc::EFBIG) && libc::sigismember(&pending, libc::SIGXFSZ) == 0 {
            let now = libc::timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            libc::sigtimedwait(&size, ptr::null_mut(), &now);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut());
        result
    }
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
fn reserve(file: c_int, offset: usize, len: usize) -> Result<(), c_int> {
    // SAFETY: the file is open.
    if unsafe { libc::fallocate(file, 0, offset as _, len as _) } == 0 {
        return Ok(());
    }
    match errno() {
        libc::EOPNOTSUPP => fill(file, offset, len),
        error => Err(error),
    }
}

fn fill(file: c_int, offset: usize, len: usize) -> Result<(), c_int> {
    static ZEROES: [u8; 64 << 10] = [0; 64 << 10];
    let end = offset + len;
    let mut at = offset;
    while at < end {
        let n = ZEROES.len().min(end - at);
        // SAFETY: the file is open and there are that many zeroes.
        match unsafe { libc::pwrite(file, ZEROES.as_ptr().cast(), n, at as _) } {
            written @ 1.. => at += written as usize,
            _ => match errno() {
                libc::EINTR => {}
                error => return Err(error),
            },
        }
    }
    Ok(())
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
