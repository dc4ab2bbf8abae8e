//! Writes a program's allocation calls down as they happen: [events](raw) in a file that is mapped
//! shared, so that nothing is lost when the program crashes or is killed.
//!
//! A Rust program records itself with one line, around the allocator that it has:
//!
//! ```
//! use recording::Recording;
//! use std::alloc::System;
//!
//! #[global_allocator]
//! static GLOBAL: Recording<System> = Recording::new(System);
//! # assert_eq!(vec![1, 2, 3].len(), 3);
//! ```
//!
//! Started by `cargo xtask record --rust -- PROGRAM`, or with the environment variable
//! [`raw::DIRECTORY_VARIABLE`] naming a directory, it writes a file there for each process; without,
//! it only forwards. The library in `bench-harness/recorder` does the same for programs that call
//! the C library.
//!
//! ```text
//!  thread 1 ── ticket 7 ─► │ thread 1 │ 3 │ 4 │ 7 │ … │   pages of one file, each
//!  thread 2 ── ticket 8 ─► │ thread 2 │ 5 │ 6 │ 8 │ … │   filled by one thread
//! ```
//!
//! - **Order.** One atomic counter hands out tickets; it is all that threads share on the way. A
//!   free takes its ticket before the allocator has the block back and an allocation after it was
//!   handed out, so a block's free is always before the next use of its address.
//! - **Pages.** Each thread fills a page of its own, and takes the file's next one when it is full.
//! - **Time** is the processor's counter. Each page begins with what it and the clock showed.
//! - **No recursion.** Nothing on the way of an event allocates.
//! - **Fork.** All state lies in memory that the kernel wipes in a forked child, which thereby
//!   starts a file of its own. A `vfork` child shares its parent's memory, blocks and file.
//! - **Threads and signals** write without a lock.

#[cfg(target_os = "linux")]
mod clock;
pub mod coder;
#[cfg(target_os = "linux")]
mod cursor;
#[cfg(target_os = "linux")]
mod global;
#[cfg(target_os = "linux")]
mod log;
#[cfg(target_os = "linux")]
mod os;
pub mod raw;

#[cfg(target_os = "linux")]
pub use global::Recording;
#[cfg(target_os = "linux")]
pub use log::{append, begin};
