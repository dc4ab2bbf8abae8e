//! Reads and writes files without allocating.

use core::ffi::CStr;

/// Writes the bytes; ignores errors, because there is nowhere to report them.
pub(crate) fn write(file: i32, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        // SAFETY: the slice has that many bytes.
        let written = unsafe { libc::write(file, bytes.as_ptr().cast(), bytes.len()) };
        match usize::try_from(written) {
            Ok(written) if written > 0 => bytes = &bytes[written.min(bytes.len())..],
            _ => return,
        }
    }
}

/// As [`write()`], to a C `FILE`.
pub(crate) fn write_to_stream(stream: *mut libc::FILE, bytes: &[u8]) {
    // SAFETY: the slice has that many bytes; `malloc_info`'s caller promises that the stream is open.
    unsafe { libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), stream) };
}

/// Returns a second descriptor for stderr, which stays open if the program closes its own. Its number is
/// high, so that it does not take one that a program expects to be free.
pub(crate) fn second_stderr() -> Option<i32> {
    const FAR: i32 = 200;
    // SAFETY: the call touches no memory, only the process's table of descriptors.
    let file = unsafe { libc::fcntl(libc::STDERR_FILENO, libc::F_DUPFD_CLOEXEC, FAR) };
    (file >= 0).then_some(file)
}

/// Opens an emptied file for writing; creates it, for this user only, if there is none.
pub(crate) fn create(path: &CStr) -> Option<i32> {
    open_to_write(path, libc::O_TRUNC)
}

/// Opens a file for writing at its end; creates it, for this user only, if there is none.
pub(crate) fn append(path: &CStr) -> Option<i32> {
    open_to_write(path, libc::O_APPEND)
}

fn open_to_write(path: &CStr, how: i32) -> Option<i32> {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_CLOEXEC | how;
    // SAFETY: a `CStr` ends in a zero byte.
    let file = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    (file >= 0).then_some(file)
}

/// Closes a file.
pub(crate) fn close(file: i32) {
    // SAFETY: the call touches no memory; the descriptor belongs to the caller.
    unsafe { libc::close(file) };
}

/// Passes a file's bytes to `take`, piece by piece; passes none if it cannot read the file.
pub(crate) fn copy(path: &CStr, mut take: impl FnMut(&[u8])) {
    let mut piece = [0_u8; 1024];
    // SAFETY: a `CStr` ends in a zero byte.
    let file = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if file < 0 {
        return;
    }
    loop {
        // SAFETY: the buffer has that many bytes.
        let n = unsafe { libc::read(file, piece.as_mut_ptr().cast(), piece.len()) };
        match usize::try_from(n) {
            Ok(n @ 1..) => take(&piece[..n]),
            _ => break,
        }
    }
    close(file);
}

/// The process's resident memory in bytes, as the kernel counts it.
pub(crate) struct Resident {
    /// Resident at present.
    pub(crate) now: usize,
    /// The most that was ever resident.
    pub(crate) peak: usize,
}

/// Returns the process's resident memory; zeroes if there is no `/proc`.
pub(crate) fn resident() -> Resident {
    let mut text = [0; 4096];
    let text = read(c"/proc/self/status", &mut text);
    let bytes = |name| kib(text, name) * 1024;
    Resident {
        now: bytes(b"VmRSS:"),
        peak: bytes(b"VmHWM:"),
    }
}

/// Reads the kernel's name for the program into `name`.
pub(crate) fn program_name(name: &mut [u8]) -> &str {
    let name = read(c"/proc/self/comm", name);
    str::from_utf8(name).unwrap_or_default().trim_end()
}

/// Reads the start of a file, as much of it as fits in `text`.
fn read<'a>(path: &CStr, text: &'a mut [u8]) -> &'a [u8] {
    // SAFETY: a `CStr` ends in a zero byte, and the buffer has `text.len()` bytes.
    let len = unsafe {
        let file = libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        let len = libc::read(file, text.as_mut_ptr().cast(), text.len());
        libc::close(file);
        len
    };
    &text[..usize::try_from(len).unwrap_or_default()]
}

/// Returns the number in the line that begins with `name`, or 0.
fn kib(text: &[u8], name: &[u8]) -> usize {
    let mut lines = text.split(|&byte| byte == b'\n');
    let line = lines.find_map(|line| line.strip_prefix(name));
    let digits = line
        .unwrap_or_default()
        .iter()
        .filter(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}
