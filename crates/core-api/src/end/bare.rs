//! The end on targets without an operating system: the processor traps.

pub(crate) fn say(_: [&str; 4]) {}

pub(crate) fn abort_at_once(message: &'static str) -> ! {
    abort(message)
}

#[cfg(any(
    target_arch = "x86",
    target_arch = "x86_64",
    target_arch = "arm",
    target_arch = "aarch64",
    target_arch = "riscv32",
    target_arch = "riscv64",
))]
pub(crate) fn abort(_: &'static str) -> ! {
    use core::arch::asm;
    // SAFETY: the instruction traps, so it does not return, and it touches no memory.
    unsafe {
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        asm!("ud2", options(noreturn, nomem, nostack));
        #[cfg(any(target_arch = "arm", target_arch = "aarch64"))]
        asm!("udf #0", options(noreturn, nomem, nostack));
        #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
        asm!("unimp", options(noreturn, nomem, nostack));
    }
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn abort(_: &'static str) -> ! {
    core::arch::wasm32::unreachable()
}

/// Calls the program's panic handler from a function that cannot unwind: for targets whose trap instruction
/// Rust does not know.
#[cfg(not(any(
    target_arch = "x86",
    target_arch = "x86_64",
    target_arch = "arm",
    target_arch = "aarch64",
    target_arch = "riscv32",
    target_arch = "riscv64",
    target_arch = "wasm32",
)))]
pub(crate) fn abort(message: &'static str) -> ! {
    extern "C" fn panic(text: *const u8, len: usize) -> ! {
        // SAFETY: the caller below passes a `&'static str` in parts.
        let message = unsafe { core::slice::from_raw_parts(text, len) };
        panic!("{}", str::from_utf8(message).unwrap_or_default())
    }
    panic(message.as_ptr(), message.len())
}
