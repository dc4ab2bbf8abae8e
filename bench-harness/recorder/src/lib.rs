//! Records a program's allocation calls: a library to be preloaded (`LD_PRELOAD`) into it.
//!
//! It stands in for the C library's `malloc` family, forwards every call to the C library and
//! has it written down by `bench-harness/recording`, which says where and how.
//!
//! ```text
//!  program ── malloc(24) ─► hooks ── __libc_malloc(24) ─► C library
//!                             │
//!                             └── recording::append ─► a file for each process
//! ```
//!
//! **No recursion.** The C library's own entry points (`__libc_malloc` and its kin) are called by
//! name, so no `dlsym` is needed, which allocates; and nothing on the way of an event allocates, so
//! no call ever comes from within another.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub mod hooks;

/// Begins as the dynamic linker loads the program, so that one that allocates nothing leaves a recording
/// that says so.
#[used]
#[cfg(target_os = "linux")]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;

#[cfg(target_os = "linux")]
extern "C" fn begin() {
    recording::begin();
}
