//! Replacements for the C library's allocation functions, which the recorded program calls.

use core::ffi::{c_int, c_void};
use core::ptr;

use recording::raw::{Event, Kind};
use recording::{append, stacks};

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_free(block: *mut c_void);
    fn __libc_calloc(n: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(block: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_memalign(align: usize, size: usize) -> *mut c_void;
}

/// Records an allocated block and returns it. A failed call leaves no event.
#[inline(always)]
fn allocated(kind: Kind, block: *mut c_void, size: usize, align: Option<u8>) -> *mut c_void {
    if !block.is_null() {
        let ticket = append(Event {
            align,
            ..event(kind, block, size)
        });
        ticket.into_iter().for_each(stacks::append);
    }
    block
}

#[inline(always)]
fn event(kind: Kind, block: *mut c_void, size: usize) -> Event {
    Event {
        kind,
        address: block.addr() as u64,
        size: size as u64,
        align: None,
        is_sized: false,
    }
}

/// `malloc(3)`.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    // SAFETY: the caller's promise is passed on.
    let block = unsafe { __libc_malloc(size) };
    allocated(Kind::Allocate, block, size, None)
}

/// `calloc(3)`.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn calloc(n: usize, size: usize) -> *mut c_void {
    // SAFETY: the caller's promise is passed on.
    let block = unsafe { __libc_calloc(n, size) };
    allocated(Kind::AllocateZeroed, block, n.wrapping_mul(size), None)
}

/// `free(3)`.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(block: *mut c_void) {
    if !block.is_null() {
        append(event(Kind::Free, block, 0));
        // SAFETY: the caller's promise is passed on.
        unsafe { __libc_free(block) };
    }
}

/// `realloc(3)`.
///
/// Records two events: the block leaves its address before the call, and arrives after it. In between,
/// another thread may get the old address.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn realloc(block: *mut c_void, size: usize) -> *mut c_void {
    let kind = match (block.is_null(), size) {
        (true, _) => None,
        (false, 0) => Some(Kind::Free),
        (false, _) => Some(Kind::ResizeBegin),
    };
    if let Some(kind) = kind {
        append(event(kind, block, 0));
    }
    // SAFETY: the caller's promise is passed on.
    let resized = unsafe { __libc_realloc(block, size) };
    if kind == Some(Kind::ResizeBegin) {
        append(event(Kind::ResizeEnd, resized, size));
        return resized;
    }
    allocated(Kind::Allocate, resized, size, None)
}

/// `reallocarray(3)`.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn reallocarray(block: *mut c_void, n: usize, size: usize) -> *mut c_void {
    let Some(size) = n.checked_mul(size) else {
        // SAFETY: the C library returns the address of this thread's error number.
        unsafe { *libc::__errno_location() = libc::ENOMEM };
        return ptr::null_mut();
    };
    // SAFETY: the caller's promise is passed on.
    unsafe { realloc(block, size) }
}

/// `memalign(3)`.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memalign(align: usize, size: usize) -> *mut c_void {
    // SAFETY: the caller's promise is passed on.
    let block = unsafe { __libc_memalign(align, size) };
    // The C library rounds an alignment up to a power of two; if that fails, the call has failed, too.
    let align = align.checked_next_power_of_two().unwrap_or(1);
    let log2 = align.trailing_zeros() as u8;
    allocated(Kind::Allocate, block, size, Some(log2))
}

/// `aligned_alloc(3)`.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aligned_alloc(align: usize, size: usize) -> *mut c_void {
    // SAFETY: the caller's promise is passed on.
    unsafe { memalign(align, size) }
}

/// `posix_memalign(3)`.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_memalign(out: *mut *mut c_void, align: usize, size: usize) -> c_int {
    if !align.is_power_of_two() || align < size_of::<*mut c_void>() {
        return libc::EINVAL;
    }
    // SAFETY: the caller's promise is passed on.
    let block = unsafe { memalign(align, size) };
    if block.is_null() {
        return libc::ENOMEM;
    }
    // SAFETY: the caller promises that `out` has room for a pointer.
    unsafe { out.write(block) };
    0
}

/// `valloc(3)`.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn valloc(size: usize) -> *mut c_void {
    // SAFETY: the caller's promise is passed on.
    unsafe { memalign(page_size(), size) }
}

/// `pvalloc(3)`.
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pvalloc(size: usize) -> *mut c_void {
    let size = size.checked_next_multiple_of(page_size());
    // SAFETY: the caller's promise is passed on; a request for `usize::MAX` bytes fails.
    unsafe { memalign(page_size(), size.unwrap_or(usize::MAX)) }
}

/// `malloc_usable_size(3)`, which the C library has under no other name.
///
/// A program that is linked with another allocator would ask that allocator about a block of the C library's.
/// So this function reads the block's size where the C library keeps it: in the word before the block, above
/// three bits of flags (`malloc/malloc.c` of glibc, "chunk").
///
/// # Safety
///
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn malloc_usable_size(block: *mut c_void) -> usize {
    const FLAGS: usize = 7;
    const IS_MAPPED: usize = 2;
    if block.is_null() {
        return 0;
    }
    // SAFETY: the caller promises a block of the C library, which keeps this word while the block is live.
    let word = unsafe { block.cast::<usize>().sub(1).read() };
    // A mapped block has its header's two words to itself. Any other block also has its successor's first.
    let n_header = if word & IS_MAPPED == 0 { 1 } else { 2 };
    (word & !FLAGS) - n_header * size_of::<usize>()
}

fn page_size() -> usize {
    // SAFETY: `sysconf` takes a number and touches no memory of ours.
    unsafe { libc::sysconf(libc::_SC_PAGESIZE) as usize }
}
