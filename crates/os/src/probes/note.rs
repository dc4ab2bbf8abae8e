//! The two probes: an instruction without effect each, and the note that tells tracers where it is and which
//! registers hold the arguments.
//!
//! A tracer attaches to a probe by a breakpoint at the instruction. The kernel counts the tracers in the semaphore, of
//! which the notes have the address. The format is that of SystemTap's `sys/sdt.h`, version 3.

use core::arch::asm;
use core::sync::atomic::{AtomicU16, Ordering};

/// The number of tracers that are attached to a probe of this executable or library. Only the kernel writes it.
#[unsafe(link_section = ".probes")]
static SEMAPHORE: AtomicU16 = AtomicU16::new(0);

/// Returns true while a tracer listens.
#[inline(always)]
pub fn is_heard() -> bool {
    SEMAPHORE.load(Ordering::Relaxed) != 0
}

/// The registers of the first three arguments of a C function, as Rust and as notes name them. Some tracers read the
/// arguments from there without looking at the note.
#[cfg(target_arch = "x86_64")]
macro_rules! arguments {
    ($probe:ident) => {
        $probe!("rdi" "8@%rdi", "rsi" "8@%rsi", "rdx" "8@%rdx")
    };
}

/// As above.
#[cfg(target_arch = "aarch64")]
macro_rules! arguments {
    ($probe:ident) => {
        $probe!("x0" "8@x0", "x1" "8@x1", "x2" "8@x2")
    };
}

/// A probe. The linker must keep the section `.stapsdt.base`, to which nothing else leads: tracers compare its address
/// with that in the note.
macro_rules! probe {
    ($name:literal, $arguments:expr, $($operands:tt)*) => {
        asm!(
            "990: nop",
            ".reloc 990b, BFD_RELOC_NONE, _.stapsdt.base",
            ".pushsection .note.stapsdt, \"\", @note",
            ".balign 4",
            ".4byte 992f-991f, 994f-993f, 3",
            "991: .asciz \"stapsdt\"",
            "992: .balign 4",
            "993: .8byte 990b, _.stapsdt.base, {semaphore}",
            concat!(".asciz \"otel_memory\", \"", $name, "\", \"", $arguments, "\""),
            "994: .balign 4",
            ".popsection",
            ".ifndef _.stapsdt.base",
            ".pushsection .stapsdt.base, \"aG\", @progbits, .stapsdt.base, comdat",
            ".weak _.stapsdt.base",
            ".hidden _.stapsdt.base",
            "_.stapsdt.base: .space 1",
            ".size _.stapsdt.base, 1",
            ".popsection",
            ".endif",
            semaphore = sym SEMAPHORE,
            $($operands)*
            options(nostack, preserves_flags),
        )
    };
}

/// The probe `alloc`. Generic, so that only programs that call it have its note.
#[inline(never)]
pub(super) fn alloc<const PLACES: usize>(block: usize, size: usize, weight: usize) {
    macro_rules! alloc {
        ($first:tt $at:literal, $second:tt $second_at:literal, $third:tt $third_at:literal) => {
            probe!(
                "alloc",
                concat!($at, " ", $second_at, " ", $third_at),
                in($first) block,
                in($second) size,
                in($third) weight,
            )
        };
    }
    // SAFETY: it executes one instruction, which has no effect.
    unsafe { arguments!(alloc) };
}

/// The probe `free`, as [`alloc`].
#[inline(never)]
pub(super) fn free<const PLACES: usize>(block: usize) {
    macro_rules! free {
        ($first:tt $at:literal, $($others:tt)*) => {
            probe!("free", $at, in($first) block,)
        };
    }
    // SAFETY: as above.
    unsafe { arguments!(free) };
}
