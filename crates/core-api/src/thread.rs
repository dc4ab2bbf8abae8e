//! Which thread is calling, told by one register: for locks that know their holder.
//!
//! On 64-bit Linux the C library keeps the address of each thread's own data in a register, before
//! any code of the program runs. A program that links none, and sets no such register up, is built with
//! `--cfg no_os`: then threads are not told apart, and a misuse is a trap as without an operating system.

/// Whether [`current`] tells threads apart: on 64-bit Linux with a C library, on x86-64, AArch64 and
/// RISC-V.
pub const IS_KNOWN: bool = register::IS_THERE;

/// A number that no other living thread has; even, and not 0. One or two instructions.
///
/// The same for all threads where [`IS_KNOWN`] is false.
#[inline(always)]
pub fn current() -> usize {
    register::read()
}

#[cfg(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(target_env = "gnu", target_env = "musl"),
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    ),
    not(any(no_os, miri)),
))]
mod register {
    use core::arch::asm;

    pub(super) const IS_THERE: bool = true;

    /// Not `pure`: a coroutine may go on in another thread, where the old answer is wrong.
    #[inline(always)]
    pub(super) fn read() -> usize {
        let pointer: usize;
        // SAFETY: reads a register, or on x86-64 the word that the register points to, which by the
        // platform's ABI holds the same address.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            asm!("mov {}, fs:[0]", out(reg) pointer, options(nostack, preserves_flags, readonly));
            #[cfg(target_arch = "aarch64")]
            asm!("mrs {}, tpidr_el0", out(reg) pointer, options(nostack, preserves_flags, nomem));
            #[cfg(target_arch = "riscv64")]
            asm!("mv {}, tp", out(reg) pointer, options(nostack, preserves_flags, nomem));
        }
        // Only a program without a C library has an empty register, and it has one thread then.
        if cfg!(target_arch = "x86_64") {
            pointer
        } else {
            pointer | 2
        }
    }
}

#[cfg(not(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(target_env = "gnu", target_env = "musl"),
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    ),
    not(any(no_os, miri)),
)))]
mod register {
    pub(super) const IS_THERE: bool = false;

    #[inline(always)]
    pub(super) fn read() -> usize {
        2
    }
}
