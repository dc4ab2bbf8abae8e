//! The end on Linux, by system calls: a program without std need not have a C library.

use core::arch::asm;

const STDERR: usize = 2;
const SIGABRT: usize = 6;
const SIG_UNBLOCK: usize = 1;
/// Bytes of the kernel's set of signals.
const SET: usize = 8;
const EINTR: usize = 4;
/// The exit status that a shell shows for a process that `SIGABRT` ended.
const STATUS: usize = 128 + SIGABRT;

#[cfg(target_arch = "x86_64")]
mod number {
    pub(super) const WRITEV: usize = 20;
    pub(super) const SIGACTION: usize = 13;
    pub(super) const SIGPROCMASK: usize = 14;
    pub(super) const GETPID: usize = 39;
    pub(super) const GETTID: usize = 186;
    pub(super) const TGKILL: usize = 234;
    pub(super) const EXIT_GROUP: usize = 231;
}

#[cfg(not(target_arch = "x86_64"))]
mod number {
    pub(super) const WRITEV: usize = 66;
    pub(super) const SIGACTION: usize = 134;
    pub(super) const SIGPROCMASK: usize = 135;
    pub(super) const GETPID: usize = 172;
    pub(super) const GETTID: usize = 178;
    pub(super) const TGKILL: usize = 131;
    pub(super) const EXIT_GROUP: usize = 94;
}

/// A piece of text in the form that `writev` takes.
#[repr(C)]
struct Piece {
    start: *const u8,
    len: usize,
}

/// Writes the whole line with one call, so that the lines of two processes do not mix.
pub(crate) fn say(line: [&str; 4]) {
    let pieces = line.map(|text| Piece {
        start: text.as_ptr(),
        len: text.len(),
    });
    // SAFETY: the kernel reads four pieces and their texts, which outlive the call.
    let write = || unsafe {
        let pieces = (&raw const pieces).addr();
        call(number::WRITEV, [STDERR, pieces, line.len(), 0])
    };
    while write() == EINTR.wrapping_neg() {}
}

pub(crate) fn abort(message: &'static str) -> ! {
    raise();
    // The program's handler returned, or the program ignores the signal.
    abort_at_once(message)
}

pub(crate) fn abort_at_once(_: &'static str) -> ! {
    // The kernel's structure has at most four words; 0 is `SIG_DFL`.
    let default = [0_usize; 4];
    // SAFETY: the kernel reads the structure, and writes no old one, because the third argument is null.
    unsafe {
        let default = (&raw const default).addr();
        call(number::SIGACTION, [SIGABRT, default, 0, SET]);
    }
    raise();
    // Needed for the first process of a container, which gets no signal that it does not handle.
    loop {
        // SAFETY: the call has no pointers; it ends the process.
        unsafe { call(number::EXIT_GROUP, [STATUS, 0, 0, 0]) };
    }
}

/// Unblocks `SIGABRT` and sends it to the calling thread.
fn raise() {
    let set = 1_u64 << (SIGABRT - 1);
    // SAFETY: the kernel reads the set; the other calls have no pointers.
    unsafe {
        let set = (&raw const set).addr();
        call(number::SIGPROCMASK, [SIG_UNBLOCK, set, 0, SET]);
        let (process, thread) = (call(number::GETPID, [0; 4]), call(number::GETTID, [0; 4]));
        call(number::TGKILL, [process, thread, SIGABRT, 0]);
    }
}

/// Makes a system call and returns its result: an error is the negated error number.
///
/// # Safety
///
/// The arguments are right for the call, and the kernel may use the memory at the addresses among them.
unsafe fn call(number: usize, [first, second, third, fourth]: [usize; 4]) -> usize {
    let result;
    // SAFETY: the arguments are right by the caller's promise; the kernel changes only the registers named here.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") first,
            in("rsi") second,
            in("rdx") third,
            in("r10") fourth,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack, preserves_flags),
        );
        #[cfg(target_arch = "aarch64")]
        asm!(
            "svc #0",
            in("x8") number,
            inlateout("x0") first => result,
            in("x1") second,
            in("x2") third,
            in("x3") fourth,
            options(nostack, preserves_flags),
        );
        #[cfg(target_arch = "riscv64")]
        asm!(
            "ecall",
            in("a7") number,
            inlateout("a0") first => result,
            in("a1") second,
            in("a2") third,
            in("a3") fourth,
            options(nostack, preserves_flags),
        );
    }
    result
}
