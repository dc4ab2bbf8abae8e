//! C's functions under their own names.
//!
//! The signatures are those of the C headers; [`family`] has the rules of each function.

use core::ffi::{c_int, c_void};
use core::ptr::{NonNull, null_mut};

use crate::errno;
use crate::out::{Out, To};
use crate::report::Report;
use crate::served::Served;
use crate::stage::HEAP;
use crate::tier::{self, Door};
use crate::{family, heap, stats, watch};

#[inline]
fn block(pointer: *mut c_void) -> Option<NonNull<u8>> {
    NonNull::new(pointer.cast())
}

/// Serves `malloc` under all of its names.
#[inline(always)]
fn take(size: usize) -> *mut c_void {
    Served::malloc_or(&HEAP, size, take_medium).cast()
}

#[inline(never)]
fn take_medium(size: usize) -> *mut u8 {
    if tier::is_on() {
        return take_slowly(size);
    }
    Served::malloc_medium_or(&HEAP, size, take_slowly)
}

#[cold]
#[inline(never)]
fn take_slowly(size: usize) -> *mut u8 {
    match tier::take_at_hand(size, Door::C) {
        Some(block) => block.as_ptr(),
        None => take_fully(size),
    }
}

#[inline(never)]
fn take_fully(size: usize) -> *mut u8 {
    if !tier::is_on() || watch::is_on() {
        return take_by_stage(size);
    }
    match tier::take(size, family::ALIGN) {
        Some(block) => block.as_ptr(),
        None => out_of_memory(),
    }
}

#[inline(never)]
fn take_by_stage(size: usize) -> *mut u8 {
    errno::pointer(|| family::allocate(size)).cast()
}

#[cold]
#[inline(never)]
fn out_of_memory() -> *mut u8 {
    errno::pointer(|| Err(errno::Failure::NoMemory)).cast()
}

/// Serves `free` under all of its names.
///
/// # Safety
///
/// `pointer` is null, or a live block that the caller does not use again.
#[inline(always)]
pub(crate) unsafe fn give_back(pointer: *mut c_void) {
    // SAFETY: the caller's promise is passed on.
    unsafe { Served::free_or(&HEAP, pointer.cast(), give_back_slowly) }
}

/// Frees a block that the fast path of [`give_back`] does not take.
#[cold]
#[inline(never)]
fn give_back_slowly(pointer: *mut u8) {
    // SAFETY: only `give_back` calls this function; it passes its caller's promise on.
    unsafe { give_back_refused(pointer, give_back_rarely) }
}

/// Frees a block that the stage's fast path refused, often another thread's, if the stage is all that has to know;
/// else calls `otherwise`.
///
/// # Safety
///
/// As [`give_back`].
#[inline(always)]
pub(crate) unsafe fn give_back_refused(pointer: *mut u8, otherwise: impl FnOnce(*mut u8)) {
    match NonNull::new(pointer) {
        Some(block) if !tier::is_on() && !watch::is_on() => {
            // SAFETY: the caller's promise is passed on.
            errno::kept_by_stage(|| unsafe { Served::free_refused(&HEAP, block) });
        }
        _ => otherwise(pointer),
    }
}

#[inline(never)]
fn give_back_rarely(pointer: *mut u8) {
    let Some(block) = NonNull::new(pointer) else {
        return;
    };
    if tier::is_on() && !watch::is_on() {
        // SAFETY: only `give_back_slowly` calls this function; it passes its caller's promise on.
        return unsafe { tier::give_back(block) };
    }
    // SAFETY: as above.
    unsafe { give_back_by(pointer, None, Door::C) }
}

/// Frees a block at a door, slowly.
///
/// # Safety
///
/// As [`give_back`].
#[inline(never)]
pub(crate) unsafe fn give_back_by(pointer: *mut u8, size: Option<usize>, door: Door) {
    if let Some(block) = block(pointer.cast()) {
        // SAFETY: the caller's promise is passed on.
        errno::kept_by_stage(|| unsafe { heap::free(block, size, door) });
    }
}

/// Serves `calloc` under all of its names.
#[inline(always)]
fn take_zeroed(count: usize, size: usize) -> *mut c_void {
    let at_hand = count
        .checked_mul(size)
        .map(|size| (size, Served::malloc_or(&HEAP, size, |_| null_mut())));
    match at_hand {
        Some((size, block)) if !block.is_null() => {
            // SAFETY: `malloc_or` returned the block just now, with at least `size` bytes.
            unsafe { block.write_bytes(0, size) };
            block.cast()
        }
        _ => take_zeroed_slowly(count, size),
    }
}

#[cold]
#[inline(never)]
fn take_zeroed_slowly(count: usize, size: usize) -> *mut c_void {
    errno::pointer(|| family::allocate_zeroed(count, size))
}

/// Serves `realloc`: a null pointer allocates, and size 0 frees.
///
/// # Safety
///
/// `pointer` is null, or a live block that the caller does not use again unless the result is null.
#[inline(always)]
unsafe fn resize(pointer: *mut c_void, size: usize) -> *mut c_void {
    if size == 0 {
        return resize_slowly(pointer.cast(), size).cast();
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { Served::realloc_or(&HEAP, pointer.cast(), size, resize_slowly).cast() }
}

#[inline(never)]
fn resize_slowly(pointer: *mut u8, size: usize) -> *mut u8 {
    let Some(block) = NonNull::new(pointer) else {
        return match tier::is_on() {
            true => take_slowly(size),
            false => take(size).cast(),
        };
    };
    if size == 0 {
        // SAFETY: only `resize` calls this function; it passes its caller's promise on.
        unsafe { give_back(pointer.cast()) };
        return null_mut();
    }
    // SAFETY: as above.
    errno::pointer(|| unsafe { family::reallocate(block, size) }).cast()
}

/// Exports functions that return a block.
macro_rules! allocating {
    ($($symbol:literal ($($arg:ident),*) $result:expr;)*) => {
        $(const _: () = {
            #[unsafe(export_name = $symbol)]
            extern "C" fn export($($arg: usize),*) -> *mut c_void {
                $result
            }
        };)*
    };
}

allocating! {
    "malloc" (size) take(size);
    "calloc" (count, size) take_zeroed(count, size);
    "aligned_alloc" (align, size) errno::pointer(|| family::allocate_aligned(align, size));
    "memalign" (align, size) errno::pointer(|| family::allocate_loosely_aligned(align, size));
    "valloc" (size) errno::pointer(|| family::allocate_on_page(size));
    "pvalloc" (size) errno::pointer(|| family::allocate_pages(size));
    "__libc_malloc" (size) take(size);
    "__libc_calloc" (count, size) take_zeroed(count, size);
    "__libc_memalign" (align, size) errno::pointer(|| family::allocate_loosely_aligned(align, size));
    "__libc_valloc" (size) errno::pointer(|| family::allocate_on_page(size));
    "__libc_pvalloc" (size) errno::pointer(|| family::allocate_pages(size));
}

/// Exports functions that free a block. Some signatures also pass a size, which only the hardened heap looks at: the
/// others know it, and leave it in its register.
macro_rules! freeing {
    ($($symbol:literal by $door:ident $(with $size:ident)?;)*) => {
        $(const _: () = {
            #[cold]
            #[inline(never)]
            extern "C" fn slowly(pointer: *mut u8 $(, $size: usize)?) {
                let size = [None, $(Some($size))?].last().copied().flatten();
                let otherwise = |pointer| {
                    // SAFETY: only `export` calls this function; it passes its caller's promise on.
                    unsafe { crate::exports::give_back_by(pointer, size, crate::tier::Door::$door) }
                };
                // SAFETY: as above.
                unsafe { crate::exports::give_back_refused(pointer, otherwise) }
            }

            #[unsafe(export_name = $symbol)]
            unsafe extern "C" fn export(pointer: *mut core::ffi::c_void $(, $size: usize)?) {
                // SAFETY: the caller's promise is passed on.
                unsafe {
                    crate::served::Served::free_or(
                        &crate::stage::HEAP,
                        pointer.cast(),
                        |pointer| slowly(pointer $(, $size)?),
                    )
                }
            }
        };)*
    };
}
pub(crate) use freeing;

freeing! {
    "free_sized" by C with size;
}

/// Exports `free` under its names.
macro_rules! frees {
    ($($symbol:literal)*) => {
        $(const _: () = {
            #[unsafe(export_name = $symbol)]
            unsafe extern "C" fn export(pointer: *mut c_void) {
                // SAFETY: the caller's promise is passed on.
                unsafe { give_back(pointer) }
            }
        };)*
    };
}

frees!("free" "cfree" "__libc_free");

const _: () = {
    #[unsafe(export_name = "free_aligned_sized")]
    unsafe extern "C" fn export(pointer: *mut c_void, _align: usize, size: usize) {
        let slowly = |pointer| {
            // SAFETY: the caller's promise is passed on.
            unsafe { give_back_by(pointer, Some(size), Door::C) }
        };
        // SAFETY: as above.
        unsafe { Served::free_or(&HEAP, pointer.cast(), slowly) }
    }
};

/// # Safety
///
/// As [`resize`].
#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's promise is passed on.
    unsafe { resize(pointer, size) }
}

/// # Safety
///
/// As [`resize`].
#[unsafe(no_mangle)]
unsafe extern "C" fn __libc_realloc(pointer: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's promise is passed on.
    unsafe { resize(pointer, size) }
}

/// # Safety
///
/// As [`resize`].
#[unsafe(no_mangle)]
unsafe extern "C" fn reallocarray(pointer: *mut c_void, count: usize, size: usize) -> *mut c_void {
    match count.checked_mul(size) {
        // SAFETY: the caller's promise is passed on.
        Some(size) => unsafe { resize(pointer, size) },
        None => errno::pointer(|| Err(errno::Failure::NoMemory)),
    }
}

/// Returns the error instead of setting `errno`, and writes `place` only if it has a block.
///
/// # Safety
///
/// `place` is valid for a write.
#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(place: *mut *mut c_void, align: usize, size: usize) -> c_int {
    match errno::kept_by_stage(|| family::allocate_for_pointers(align, size)) {
        Ok(block) => {
            // SAFETY: the caller promises that `place` is valid for a write.
            unsafe { place.write(block.as_ptr().cast()) };
            0
        }
        Err(failure) => failure as c_int,
    }
}

/// # Safety
///
/// `pointer` is null or a live block.
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc_usable_size(pointer: *mut c_void) -> usize {
    // SAFETY: the caller's promise is passed on.
    os::keeping_errno(|| block(pointer).map_or(0, |block| unsafe { heap::usable_size(block) }))
}

/// Gives all free pages back to the system, whatever `_keep` asks for. Returns 1 if there were any.
#[unsafe(no_mangle)]
extern "C" fn malloc_trim(_keep: usize) -> c_int {
    os::keeping_errno(|| c_int::from(heap::trim() > 0))
}

/// Returns 0, an error: the library supports none of glibc's parameters.
#[unsafe(no_mangle)]
extern "C" fn mallopt(_parameter: c_int, _value: c_int) -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn malloc_stats() {
    os::keeping_errno(stats::print);
}

#[unsafe(no_mangle)]
extern "C" fn mallinfo2() -> libc::mallinfo2 {
    os::keeping_errno(|| Report::new().mallinfo())
}

/// Writes the report to `stream`, as XML with glibc's elements.
///
/// # Safety
///
/// `stream` is a `FILE` that is open for writing.
#[unsafe(no_mangle)]
unsafe extern "C" fn malloc_info(options: c_int, stream: *mut c_void) -> c_int {
    if options != 0 {
        return errno::refuse(errno::Failure::Invalid);
    }
    os::keeping_errno(|| Report::new().xml(&mut Out::new(To::File(stream))));
    0
}

/// As [`mallinfo2`], for older programs; a value that an `int` cannot hold wraps, as it does in glibc.
#[unsafe(no_mangle)]
extern "C" fn mallinfo() -> libc::mallinfo {
    let long = mallinfo2();
    // SAFETY: `mallinfo` has only integer fields, for which zero bytes are valid.
    let mut info: libc::mallinfo = unsafe { core::mem::zeroed() };
    info.arena = long.arena as c_int;
    info.ordblks = long.ordblks as c_int;
    info.hblks = long.hblks as c_int;
    info.hblkhd = long.hblkhd as c_int;
    info.uordblks = long.uordblks as c_int;
    info.fordblks = long.fordblks as c_int;
    info.keepcost = long.keepcost as c_int;
    info
}
