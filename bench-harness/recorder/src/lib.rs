//! Records a program's allocation calls: a library to be preloaded (`LD_PRELOAD`) into it.
//!
//! It stands in for the C library's `malloc` family, forwards every call to the C library and
//! writes each down as an [event](raw) in a file that is mapped shared, so that nothing is lost
//! when the program crashes or is killed. Without the environment variable
//! [`raw::DIRECTORY_VARIABLE`] it only forwards.
//!
//! ```text
//!  program ── malloc(24) ─► hooks ── __libc_malloc(24) ─► C library
//!                             │
//!                             └── ticket 7 ─► log: │ header │ … │ 6 │ 7 │ 8 │ … │  one per process
//! ```
//!
//! - **Order.** One atomic counter hands out tickets; a ticket is the event's place in the file. A
//!   free takes its ticket before the C library has the block back and an allocation after it was
//!   handed out, so a block's free is always before the next use of its address.
//! - **No recursion.** The C library's own entry points (`__libc_malloc` and its kin) are called
//!   by name, so no `dlsym` is needed, which allocates; and nothing on the way of an event
//!   allocates, so no call ever comes from within another.
//! - **Fork.** All state lies in memory that the kernel wipes in a forked child, which thereby
//!   starts a file of its own. A `vfork` child shares its parent's memory, blocks and file.
//! - **Threads and signals** write without a lock.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub mod hooks;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod log;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod os;
pub mod raw;
