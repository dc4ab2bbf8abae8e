//! The last line of a process, and its end, on each kind of target.
//!
//! Each target has three functions. `say` writes the pieces of a line to stderr, if there is a stderr. `abort`
//! ends the process; the program's handler for `SIGABRT` may run before. `abort_at_once` ends the process
//! without running a handler.

#[cfg(all(
    target_os = "linux",
    target_pointer_width = "64",
    any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "riscv64"
    ),
    not(any(no_os, miri)),
))]
#[path = "end/linux.rs"]
mod target;

#[cfg(all(
    unix,
    not(all(
        target_os = "linux",
        target_pointer_width = "64",
        any(
            target_arch = "x86_64",
            target_arch = "aarch64",
            target_arch = "riscv64"
        ),
        not(miri),
    )),
    not(no_os),
))]
#[path = "end/unix.rs"]
mod target;

#[cfg(all(not(unix), feature = "std", not(no_os)))]
#[path = "end/std.rs"]
mod target;

#[cfg(any(no_os, not(any(unix, feature = "std"))))]
#[path = "end/bare.rs"]
mod target;

pub(crate) use target::{abort, abort_at_once, say};
