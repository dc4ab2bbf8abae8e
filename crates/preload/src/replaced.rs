//! Whether a block may rightly come from one family of functions and go back through another.
//!
//! It may where the process has operators `new` and `delete` that are not ours. A program may replace only some of them; a
//! library that contains the C++ runtime may call its own `new`, which is `malloc`, and pass the object to code that calls
//! our `delete`. And when memory has run out, `new` is the runtime's.

use core::ffi::{CStr, c_char, c_void};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, Ordering};

use libc::{Dl_info, RTLD_DEFAULT, RTLD_LAZY, RTLD_NOLOAD, dladdr, dlopen, dlsym};

/// Operators that programs replace; the others call these by default.
const OPERATORS: [&CStr; 10] = [
    c"_Znwm",
    c"_Znam",
    c"_ZnwmSt11align_val_t",
    c"_ZnamSt11align_val_t",
    c"_ZdlPv",
    c"_ZdaPv",
    c"_ZdlPvm",
    c"_ZdaPvm",
    c"_ZdlPvSt11align_val_t",
    c"_ZdaPvSt11align_val_t",
];

/// Where the C++ runtimes are, whose operators are always there; ours come before them.
const RUNTIMES: [&[u8]; 2] = [b"/libstdc++.so", b"/libc++"];

/// Whether there were any: then there always are.
static WERE_ANY: AtomicBool = AtomicBool::new(false);

/// Notes that there are some, as when a request is passed on to the runtime's `new`.
pub(crate) fn note() {
    WERE_ANY.store(true, Ordering::Relaxed);
}

/// Whether the process has operators that are not ours. Called when a block goes back through another door.
pub(crate) fn are_any() -> bool {
    if !WERE_ANY.load(Ordering::Relaxed) && look_for_any() {
        note();
    }
    WERE_ANY.load(Ordering::Relaxed)
}

fn look_for_any() -> bool {
    let ours = library_of((&raw const WERE_ANY).cast());
    let is_replaced = |name: &&CStr| library_of(find(RTLD_DEFAULT, name)) != ours;
    OPERATORS.iter().any(is_replaced) || libraries().any(Library::has_operators)
}

/// Where the library begins that an address is in.
fn library_of(address: *const c_void) -> Option<*mut c_void> {
    // SAFETY: for a structure of pointers zero bytes are valid, and `dladdr` writes to this one.
    unsafe {
        let mut found: Dl_info = core::mem::zeroed();
        (dladdr(address, &raw mut found) != 0).then_some(found.dli_fbase)
    }
}

fn find(handle: *mut c_void, name: &CStr) -> *mut c_void {
    // SAFETY: the name ends in a zero byte, and the handle is one.
    unsafe { dlsym(handle, name.as_ptr()) }
}

/// The first fields of the C library's `struct link_map`.
#[repr(C)]
struct Library {
    base: usize,
    name: *const c_char,
    /// In the library.
    dynamic: *const c_void,
    next: *const Self,
}

/// The libraries that the process has loaded.
fn libraries() -> impl Iterator<Item = &'static Library> {
    // SAFETY: a handle of the program is a pointer to the first entry of the list, which lasts.
    let first = unsafe { dlopen(null_mut(), RTLD_LAZY).cast::<Library>().as_ref() };
    // SAFETY: an entry's next is null, or another entry.
    core::iter::successors(first, |library| unsafe { library.next.as_ref() })
}

impl Library {
    /// Whether it defines `new` or `delete` itself, and is neither this library nor a runtime.
    fn has_operators(&self) -> bool {
        // SAFETY: the C library's names end in a zero byte.
        let name = unsafe { CStr::from_ptr(self.name) };
        let own = library_of(self.dynamic);
        let is_runtime = |part: &&[u8]| name.to_bytes().windows(part.len()).any(|at| at == *part);
        if RUNTIMES.iter().any(is_runtime) || own == library_of((&raw const WERE_ANY).cast()) {
            return false;
        }
        // SAFETY: the name ends in a zero byte; `RTLD_NOLOAD` runs no code of the library.
        let handle = unsafe { dlopen(name.as_ptr(), RTLD_LAZY | RTLD_NOLOAD) };
        let defines = |name: &&CStr| {
            let place = find(handle, name);
            !place.is_null() && library_of(place) == own
        };
        !handle.is_null() && [c"_Znwm", c"_ZdlPv"].iter().any(defines)
    }
}
