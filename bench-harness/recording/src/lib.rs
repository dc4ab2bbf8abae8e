//! Records a program's allocation calls as they happen: [events](raw) in a shared mapping of a file, so that
//! no event is lost when the program crashes or is killed.
//!
//! A Rust program records itself with one line, which wraps its allocator:
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
//! `cargo xtask record --rust -- PROGRAM` starts it with the environment variable
//! [`raw::DIRECTORY_VARIABLE`], which names a directory. If the variable is set, the program writes a file there
//! for each process; otherwise it only forwards calls. The library in `bench-harness/recorder` does the same for
//! programs that call the C library.
//!
//! ```text
//!  thread 1 ── ticket 7 ─► │ thread 1 │ 3 │ 4 │ 7 │ … │   pages of one file, each
//!  thread 2 ── ticket 8 ─► │ thread 2 │ 5 │ 6 │ 8 │ … │   filled by one thread
//! ```
//!
//! - **Order.** One atomic counter hands out tickets; threads share nothing else while they record. A free
//!   takes its ticket before the allocator gets the block back; an allocation takes its ticket after the
//!   allocator handed the block out. So a block's free always comes before the next use of its address.
//! - **Pages.** Each thread fills a page of its own, and takes the file's next page when its page is full.
//! - **Time** is the processor's counter. Each page begins with the values of this counter and of the clock.
//! - **No recursion.** The code that records an event does not allocate.
//! - **Fork.** All state lies in memory that the kernel wipes in a forked child, so that the child starts a
//!   file of its own. A `vfork` child shares its parent's memory, blocks and file.
//! - **Threads and signals.** Threads and signal handlers record without a lock.

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
pub mod stacks;

#[cfg(target_os = "linux")]
pub use global::Recording;
#[cfg(target_os = "linux")]
pub use log::{append, begin, end};
