//! The system calls, which map files piece by piece. None of these functions allocates.

use core::ffi::{CStr, c_int};
use core::ptr::{self, NonNull};

/// Returns this thread's error number.
pub(crate) fn errno() -> c_int {
    // SAFETY: the C library returns the address of this thread's error number.
    unsafe { *libc::__errno_location() }
}

/// Calls `work` and restores the caller's error number.
pub(crate) fn keep_errno<T>(work: impl FnOnce() -> T) -> T {
    let before = errno();
    let result = work();
    // SAFETY: as in `errno`.
    unsafe { *libc::__errno_location() = before };
    result
}

/// Maps zeroed private memory, which the kernel zeroes again in a forked child.
pub(crate) fn map_wiped_on_fork(len: usize) -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    let base = map(len, flags, -1, 0)?;
    // SAFETY: the mapping is new and has `len` bytes.
    if unsafe { libc::madvise(base.as_ptr().cast(), len, libc::MADV_WIPEONFORK) } != 0 {
        unmap(base, len);
        return None;
    }
    Some(base)
}

/// Creates the file; fails if it exists.
pub(crate) fn create(path: &CStr) -> Result<(), c_int> {
    let flags = libc::O_CREAT | libc::O_EXCL | libc::O_RDWR | libc::O_CLOEXEC;
    with_file(path, flags, |_| Ok(()))
}

/// How a file gets room on the disk.
#[derive(Clone, Copy)]
pub(crate) enum Room {
    /// Reserves the room. This is quick, but the first write to each page of the mapping takes three times as
    /// long.
    Reserved,
    /// Fills the room with zeroes, and overwrites its contents.
    Filled,
}

/// Extends the file to `offset + len` and maps the last `len` bytes.
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
            // The bytes written so far may have taken the last room of the disk.
            punch(file, offset, len);
        }
        made
    };
    with_file(path, libc::O_RDWR | libc::O_CLOEXEC, |file| {
        hold_back_size_signal(|| make_room(file))?;
        map(len, libc::MAP_SHARED, file, offset).ok_or_else(errno)
    })
}

/// Gives the room of a part of the file back to the disk. The part then reads as zeroes.
pub(crate) fn give_back(path: &CStr, offset: usize, len: usize) {
    let flags = libc::O_RDWR | libc::O_CLOEXEC;
    // A file that cannot be opened or punched keeps its room, and loses nothing.
    let _ = with_file(path, flags, |file| {
        punch(file, offset, len);
        Ok(())
    });
}

fn punch(file: c_int, offset: usize, len: usize) {
    let flags = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
    // SAFETY: the call touches no memory of a program: the file is a recording, in a part that nothing uses.
    unsafe { libc::fallocate(file, flags, offset as _, len as _) };
}

/// Calls `work` with `SIGXFSZ` blocked. The signal for a file that exceeds the process's limit would end a
/// program whose own files are within the limit.
fn hold_back_size_signal(work: impl FnOnce() -> Result<(), c_int>) -> Result<(), c_int> {
    // SAFETY: zero bytes are a valid signal set, and the pointers are to sets that outlive the calls.
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

/// Opens the file only for `work`: the program could close or reuse a descriptor that stays open.
fn with_file<T>(
    path: &CStr,
    flags: c_int,
    work: impl FnOnce(c_int) -> Result<T, c_int>,
) -> Result<T, c_int> {
    // SAFETY: a `CStr` ends with 0.
    let file = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    if file < 0 {
        return Err(errno());
    }
    let result = work(file);
    // SAFETY: the call touches no memory, and the descriptor was opened above.
    unsafe { libc::close(file) };
    result
}

/// Reserves the file's bytes on disk. A full disk is an error here, but a signal in a mapping.
fn reserve(file: c_int, offset: usize, len: usize) -> Result<(), c_int> {
    // SAFETY: the call touches no memory.
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
        // SAFETY: `n` is at most the length of `ZEROES`.
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
    // SAFETY: without `MAP_FIXED` the kernel picks addresses that are not in use.
    let base = unsafe { libc::mmap(ptr::null_mut(), len, access, flags, file, offset as _) };
    match base == libc::MAP_FAILED {
        true => None,
        false => NonNull::new(base.cast()),
    }
}

/// Unmaps a mapping that nothing else uses.
pub(crate) fn unmap(base: NonNull<u8>, len: usize) {
    // SAFETY: both callers have just made the mapping and have given no pointer to it away.
    unsafe { libc::munmap(base.as_ptr().cast(), len) };
}
