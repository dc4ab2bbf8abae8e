//! A library that records a program's allocation calls when it is preloaded (`LD_PRELOAD`) into it.
//!
//! It replaces the C library's `malloc` family, forwards every call to the C library, and passes the call to
//! `bench-harness/recording`, which documents the file and its format.
//!
//! ```text
//!  program ── malloc(24) ─► hooks ── __libc_malloc(24) ─► C library
//!                             │
//!                             └── recording::append ─► a file for each process
//! ```
//!
//! **No recursion.** This library calls the C library's own entry points (`__libc_malloc` and the like) by
//! name, so it does not need `dlsym`, which allocates. The code that records an event does not allocate either.
//! So no recorded call comes from within another.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub mod hooks;

/// Begins the recording when the dynamic linker loads the program. So a program that allocates nothing leaves
/// an empty recording.
#[used]
#[cfg(target_os = "linux")]
#[unsafe(link_section = ".init_array")]
static BEGIN: extern "C" fn() = begin;

#[cfg(target_os = "linux")]
extern "C" fn begin() {
    recording::begin();
}

/// Ends the recording when the process exits, after the program's own destructors.
#[used]
#[cfg(target_os = "linux")]
#[unsafe(link_section = ".fini_array")]
static END: extern "C" fn() = end;

#[cfg(target_os = "linux")]
extern "C" fn end() {
    recording::end();
}
