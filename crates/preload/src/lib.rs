#![doc = include_str!("../README.md")]
//!
//! # Picture
//!
//! ```text
// ANCHOR: picture
//!   program        malloc(24)   new T   free(p)   fork()   exit()
//!                      │          │        │         │        │
//!   exports, operators ▼          ▼        ▼         │        │
//!   C's rules: alignment 16, size 0, overflow, errno │        │
//!                      │ Layout                      │        │
//!   heap               ▼                             ▼        ▼
//!   one static: ── lock ──────────────────── held across   stats
//!                      │                       the fork
//!   stage              ▼
//!   feature: bump … thread-cached
//!                      │
//!   source             ▼
//!   one mapping of up to 64 GiB, or the stage's own mappings
// ANCHOR_END: picture
//! ```
//!
//! # Invariants
//!
//! - **P1** Nothing needs to run before the first call: all state is constant-initialised, and the library
//!   looks up a symbol only after memory has run out, or when the program loads a library.
//! - **P2** Every block comes from the one heap, at a multiple of 16 bytes or more, and is found
//!   again by its address alone.
//! - **P3** No call allocates from the heap while it holds the lock.
//! - **P4** Across `fork` the forking thread holds the lock (this library's, or the stage's own), so that the
//!   child finds the heap whole. The only thread of a process takes no lock.
//! - **P5** Every call that succeeds, and every `free`, leaves `errno` as it was.
//!
//! These invariants concern a whole process. The programs in the crate's directory `tests` test them;
//! no `check()` can.
#![no_std]
// On other targets the library is empty: the names and rules of their C libraries differ.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

// Only for its panic handler, which is the only one where panics unwind, as in tests.
#[cfg(any(feature = "std", panic = "unwind"))]
extern crate std;

/// Replaces std's handler: without std, this library makes programs load nothing but the C library.
#[cfg(not(any(feature = "std", panic = "unwind")))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    message::die("fatal: a bug in the allocator")
}

mod c_library;
mod counts;
mod errno;
mod exports;
mod family;
mod files;
mod fork;
mod heap;
mod message;
mod operators;
mod options;
mod out;
mod own;
mod path;
#[cfg(target_arch = "x86_64")]
mod plugins;
pub mod prefixed;
mod probes;
mod process;
mod profile;
mod replaced;
mod report;
#[cfg(target_arch = "x86_64")]
mod runtime;
mod served;
pub mod source;
mod stage;
mod stats;
mod tier;
mod trim;
mod watch;
