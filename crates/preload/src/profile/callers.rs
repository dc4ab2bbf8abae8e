//! Who asked: the return addresses on the stack.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};

/// As many callers are remembered.
pub(super) const DEPTH: usize = 32;

/// Frames of this library that may lie on top.
const OWN: usize = 12;

/// Return addresses, the innermost first; 0 behind the last.
pub(super) type Callers = [usize; DEPTH];

unsafe extern "C" {
    // The C library's: it unwinds by the tables that compilers write.
    fn backtrace(buffer: *mut *mut c_void, size: c_int) -> c_int;
}

/// Where this library begins and ends: asked once, because the dynamic linker's lock is held while
/// constructors run, and they may be waiting for who makes a request.
static START: AtomicUsize = AtomicUsize::new(0);
static END: AtomicUsize = AtomicUsize::new(0);

/// Loads what finds callers, which allocates, and finds out where this library is.
pub(super) fn prepare() {
    // SAFETY: the function reads what it is given.
    unsafe { libc::dl_iterate_phdr(Some(note_if_own), null_mut()) };
    find();
}

/// Notes where an image lies if it is this library, and ends the search then.
unsafe extern "C" fn note_if_own(
    image: *mut libc::dl_phdr_info,
    _: usize,
    _: *mut c_void,
) -> c_int {
    // SAFETY: the linker's description of an image, with as many program headers.
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

/// The callers of this library.
pub(super) fn find() -> Callers {
    let mut frames = [null_mut(); DEPTH + OWN];
    // SAFETY: the buffer has that many places.
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
