//! What is asked of the C library beside its `errno`: memory, files, handlers.

use core::ffi::{CStr, c_char};
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of an OS page: asked once, then remembered.
#[inline]
pub(crate) fn page_size() -> usize {
    static PAGE_SIZE: AtomicUsize = AtomicUsize::new(0);
    match PAGE_SIZE.load(Ordering::Relaxed) {
        0 => {
            // SAFETY: `sysconf` only reads its argument.
            let asked = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            let asked = usize::try_from(asked).unwrap_or(4096);
            PAGE_SIZE.store(asked, Ordering::Relaxed);
            asked
        }
        known => known,
    }
}

/// `len` bytes that are zero and cost nothing until they are touched; `len` is a multiple of the
/// page size.
pub(crate) fn map(len: usize) -> Option<NonNull<u8>> {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: without `MAP_FIXED` the kernel picks addresses that nobody uses.
    let base = unsafe { libc::mmap(null_mut(), len, protection, flags, -1, 0) };
    if base == libc::MAP_FAILED {
        return None;
    }
    NonNull::new(base.cast())
}

/// Gives mapped pages back.
///
/// # Safety
///
/// `len` bytes from `start` are whole mapped pages that nobody uses again.
pub(crate) unsafe fn unmap(start: *mut u8, len: usize) {
    // SAFETY: the caller's promise. The kernel cannot refuse: a mapping only becomes shorter.
    unsafe { libc::munmap(start.cast(), len) };
}

/// Has `fork` call these three functions: before, and after in the parent and in the child.
pub(crate) fn at_fork(before: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    // SAFETY: the functions live as long as the program. A failure (no memory for the list of
    // handlers) leaves `fork` as unprotected as it was, which nothing here could improve.
    unsafe { libc::pthread_atfork(Some(before), Some(parent), Some(child)) };
}

/// Writes the bytes; there is nobody to tell if that fails.
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

/// As [`write`], to a `FILE` of C's.
pub(crate) fn write_to_stream(stream: *mut libc::FILE, bytes: &[u8]) {
    // SAFETY: the slice has that many bytes, and the stream is the caller's.
    unsafe { libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), stream) };
}

/// Ends the process by `SIGABRT`.
pub(crate) fn abort() -> ! {
    // SAFETY: always allowed.
    unsafe { libc::abort() }
}

/// The number of this process.
pub(crate) fn process() -> i32 {
    // SAFETY: always allowed.
    unsafe { libc::getpid() }
}

/// A second descriptor for stderr, far from those that programs count on: it stays open when the
/// program closes its own before it ends.
pub(crate) fn second_stderr() -> Option<i32> {
    const FAR: i32 = 200;
    // SAFETY: the call changes nothing but the table of descriptors.
    let file = unsafe { libc::fcntl(libc::STDERR_FILENO, libc::F_DUPFD_CLOEXEC, FAR) };
    (file >= 0).then_some(file)
}

/// Whether the program has more rights than the user who started it.
pub(crate) fn is_privileged() -> bool {
    // SAFETY: always allowed.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// The entries of the environment, `NAME=value` each. Nobody may change it meanwhile.
pub(crate) fn environment() -> impl Iterator<Item = &'static CStr> {
    unsafe extern "C" {
        static environ: *const *const c_char;
    }
    // SAFETY: the C library's array of strings, which a null pointer ends.
    let entry = |index| unsafe {
        let entry = *environ.add(index);
        (!entry.is_null()).then(|| CStr::from_ptr(entry))
    };
    // SAFETY: null or the array, as above.
    let is_there = unsafe { !environ.is_null() };
    (0..).map_while(move |index| is_there.then(|| entry(index))?)
}

/// Opens a file to write at its end, and creates it for this user if there is none.
pub(crate) fn append(path: &CStr) -> Option<i32> {
    let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND | libc::O_CLOEXEC;
    // SAFETY: the path ends in a zero.
    let file = unsafe { libc::open(path.as_ptr(), flags, 0o600) };
    (file >= 0).then_some(file)
}

/// What the kernel says about this process's memory.
pub(crate) struct Resident {
    /// Bytes it has.
    pub(crate) now: usize,
    /// The most that it ever had.
    pub(crate) peak: usize,
}

/// The process's resident memory; zeroes where there is no `/proc`.
pub(crate) fn resident() -> Resident {
    let mut text = [0; 4096];
    let text = read(c"/proc/self/status", &mut text);
    let bytes = |name| kib(text, name) * 1024;
    Resident {
        now: bytes(b"VmRSS:"),
        peak: bytes(b"VmHWM:"),
    }
}

/// What the kernel calls the program, in `name`.
pub(crate) fn program_name(name: &mut [u8]) -> &str {
    let name = read(c"/proc/self/comm", name);
    str::from_utf8(name).unwrap_or_default().trim_end()
}

/// The start of a file, as much of it as fits.
fn read<'a>(path: &CStr, text: &'a mut [u8]) -> &'a [u8] {
    // SAFETY: the path ends in a zero, and the buffer has that many bytes.
    let len = unsafe {
        let file = libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC);
        let len = libc::read(file, text.as_mut_ptr().cast(), text.len());
        libc::close(file);
        len
    };
    &text[..usize::try_from(len).unwrap_or_default()]
}

/// The number in the line that begins with `name`, or 0.
fn kib(text: &[u8], name: &[u8]) -> usize {
    let mut lines = text.split(|&byte| byte == b'\n');
    let line = lines.find_map(|line| line.strip_prefix(name));
    let digits = line
        .unwrap_or_default()
        .iter()
        .filter(|byte| byte.is_ascii_digit());
    digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
}
