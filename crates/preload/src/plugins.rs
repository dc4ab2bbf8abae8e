//! Loads plug-ins without `RTLD_DEEPBIND`.
//!
//! A library that is loaded with this flag looks its symbols up in its own libraries first: it calls the C library's `malloc`
//! and `free`, while the C library's own functions (`strdup`, `getline`) and the rest of the program call those of this
//! library. It cannot free what it gets from them. PHP loads its extensions so. Without the flag, all share one `malloc`; but a
//! plug-in that has a function of the same name as the program calls the program's.

use core::arch::naked_asm;
use core::ffi::{c_char, c_int, c_void};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicPtr, Ordering};

/// The C library's `dlopen`, null before the first call.
static NEXT: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

/// Finds the C library's `dlopen`.
#[cold]
extern "C" fn find() -> *mut c_void {
    // SAFETY: the name ends in a zero byte.
    let next = unsafe { libc::dlsym(libc::RTLD_NEXT, c"dlopen".as_ptr()) };
    NEXT.store(next, Ordering::Relaxed);
    next
}

/// Takes the flag out and jumps to the C library's `dlopen`, which looks at its return address to know who calls: paths may be
/// relative to the caller's library.
///
/// # Safety
///
/// As for the C library's.
#[unsafe(no_mangle)]
#[unsafe(naked)]
unsafe extern "C" fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void {
    // Two pushes, eight bytes and the return address keep the stack at a multiple of 16.
    naked_asm!(
        ".cfi_startproc",
        "and esi, {others}",
        "mov rax, qword ptr [rip + {next}]",
        "test rax, rax",
        "jnz 2f",
        "push rdi",
        ".cfi_adjust_cfa_offset 8",
        "push rsi",
        ".cfi_adjust_cfa_offset 8",
        "sub rsp, 8",
        ".cfi_adjust_cfa_offset 8",
        "call {find}",
        "add rsp, 8",
        ".cfi_adjust_cfa_offset -8",
        "pop rsi",
        ".cfi_adjust_cfa_offset -8",
        "pop rdi",
        ".cfi_adjust_cfa_offset -8",
        "test rax, rax",
        "jnz 2f",
        "ret",
        "2:",
        "jmp rax",
        ".cfi_endproc",
        others = const !libc::RTLD_DEEPBIND,
        next = sym NEXT,
        find = sym find,
    )
}
