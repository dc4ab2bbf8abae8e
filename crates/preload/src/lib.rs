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
//!   one mapping of up to 64 GiB, or what the stage does by itself
// ANCHOR_END: picture
//! ```
//!
//! # Invariants
//!
//! - **P1** Nothing needs to run before the first call: all state is constant-initialised, and no
//!   symbol is looked up while memory is there.
//! - **P2** Every block comes from the one heap, at a multiple of 16 bytes or more, and is found
//!   again by its address alone.
//! - **P3** No call allocates from the heap while it holds the lock.
//! - **P4** Across `fork` the forking thread holds the lock, or the stage's own, so that the child finds the heap
//!   whole; unless it is the only one.
//! - **P5** `errno` is as before after every call that succeeds, and after every `free`.
//!
//! They hold for a whole process, so that programs test them (in the crate's directory `tests`) and
//! no `check()` does.
#![no_std]
// Elsewhere the library is empty: the names and rules of other C libraries differ.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

// For its panic handler and nothing else. Where panics unwind, as in tests, there is no other.
#[cfg(any(feature = "std", panic = "unwind"))]
extern crate std;

/// Without std, programs load no library but the C library for its sake.
#[cfg(not(any(feature = "std", panic = "unwind")))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    message::die("fatal: a bug in the allocator")
}

mod errno;
mod exports;
mod family;
mod files;
mod fork;
mod heap;
mod message;
mod operators;
mod options;
mod os;
mod out;
mod own;
mod path;
pub mod prefixed;
mod profile;
mod report;
#[cfg(target_arch = "x86_64")]
mod runtime;
mod served;
pub mod source;
mod stage;
mod stats;
mod trim;
mod watch;
