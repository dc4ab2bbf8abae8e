//! Identifies the calling thread by one register, for locks that know their holder.
//!
//! On 64-bit Linux the C library puts the address of each thread's own data into a register, before any code
//! of the program runs. A program without a C library that does not set up this register must be built with
//! `--cfg no_os`. Then this crate cannot tell threads apart, and a misuse traps as without an operating system.

/// True if [`current`] tells threads apart: on 64-bit Linux with a C library, on x86-64, AArch64 and
/// RISC-V.
pub const IS_KNOWN: bool = register::IS_THERE;

/// Returns a number that no other living thread has: even, and not 0. Takes one or two instructions.
///
/// The number is the same for all threads if [`IS_KNOWN`] is false.
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

    /// Reads the register. The `asm!` is not `pure`: a coroutine may continue in another thread, where the old
    /// value is wrong.
    #[inline(always)]
    pub(super) fn read() -> usize {
        let pointer: usize;
        // SAFETY: the instruction reads a register; on x86-64 it reads the word to which the register points,
        // which by the platform's ABI holds that same address.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            asm!("mov {}, fs:[0]", out(reg) pointer, options(nostack, preserves_flags, readonly));
            #[cfg(target_arch = "aarch64")]
            asm!("mrs {}, tpidr_el0", out(reg) pointer, options(nostack, preserves_flags, nomem));
            #[cfg(target_arch = "riscv64")]
            asm!("mv {}, tp", out(reg) pointer, options(nostack, preserves_flags, nomem));
        }
        // On the other targets, only a program without a C library has an empty register, and then it has one
        // thread.
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
