//! Finds the callers of a request: the return addresses on the stack.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

/// How many callers a sample keeps.
pub(super) const DEPTH: usize = 32;

/// How many frames of this library may lie on top of them.
const OWN: usize = 12;

/// Return addresses, the innermost first; zeroes follow the last.
pub(super) type Callers = [usize; DEPTH];

unsafe extern "C" {
    // From the C library. It unwinds with the tables that compilers emit.
    fn backtrace(buffer: *mut *mut c_void, size: c_int) -> c_int;
}

/// The addresses where this library begins and ends. [`prepare`] finds them once. Asking the dynamic linker
/// at each request could deadlock: it holds its lock while constructors run, and a constructor may wait for
/// the thread that makes the request.
static START: AtomicUsize = AtomicUsize::new(0);
static END: AtomicUsize = AtomicUsize::new(0);

/// Finds this library's addresses. Also calls `backtrace` once, because its first call loads the unwinder and
/// allocates.
pub(super) fn prepare() {
    // SAFETY: `note_if_own` only reads the description that it gets.
    unsafe { libc::dl_iterate_phdr(Some(note_if_own), null_mut()) };
    find();
}

/// Stores an image's addresses and ends the search if the image is this library.
unsafe extern "C" fn note_if_own(
    image: *mut libc::dl_phdr_info,
    _: usize,
    _: *mut c_void,
) -> c_int {
    // SAFETY: the linker passes a valid description of an image with `dlpi_phnum` program headers.
    let (base, headers) = unsafe {
        let libc::dl_phdr_info {
            dlpi_addr,
            dlpi_phdr,
            dlpi_phnum,
            ..
        } = *image;
        let headers = core::slice::from_raw_parts(dlpi_phdr, dlpi_phnum.into());
        (dlpi_addr as usize, headers)
    };
    let loaded = headers
        .iter()
        .filter(|header| header.p_type == libc::PT_LOAD);
    let (start, end) = loaded.fold((usize::MAX, 0), |(start, end), header| {
        let first = base.wrapping_add(header.p_vaddr as usize);
        (start.min(first), end.max(first + header.p_memsz as usize))
    });
    let is_own = (start..end).contains(&(&raw const START).addr());
    if is_own {
        START.store(start, Ordering::Relaxed);
        END.store(end, Ordering::Relaxed);
    }
    is_own.into()
}

/// Returns the callers of this library.
pub(super) fn find() -> Callers {
    let mut frames = [null_mut(); DEPTH + OWN];
    // SAFETY: the buffer has `frames.len()` places.
    let n = unsafe { backtrace(frames.as_mut_ptr(), frames.len() as c_int) };
    let frames = &frames[..usize::try_from(n).unwrap_or(0)];
    let own = START.load(Ordering::Relaxed)..END.load(Ordering::Relaxed);
    let n_own = frames
        .iter()
        .take_while(|frame| own.contains(&frame.addr()));
    let mut callers = [0; DEPTH];
    let theirs = &frames[n_own.count()..];
    for (caller, frame) in callers.iter_mut().zip(theirs) {
        *caller = frame.addr();
    }
    callers
}
