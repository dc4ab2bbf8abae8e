//! Faults: accesses to pages that cannot be touched.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

use libc::siginfo_t;

/// What to do about an access that faulted.
pub trait OnFault {
    /// Looks at the address, and ends the process if it knows what the access was. It runs in a signal's handler.
    fn look_at(address: usize);
}

/// Installs a handler of faults, unless the program has one. If [`OnFault::look_at`] returns, the fault ends the process
/// as it would have without the handler.
pub fn watch_faults<W: OnFault>() {
    extern "C" fn handle<W: OnFault>(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
        // SAFETY: the kernel's description of the signal.
        let is_fault = unsafe { (*info).si_code } > 0;
        if is_fault {
            // SAFETY: a fault has an address.
            W::look_at(unsafe { (*info).si_addr() }.addr());
        }
        // SAFETY: back to the default. The access is made again, and ends the process; a signal that a program sent is
        // sent again.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            if !is_fault {
                libc::raise(signal);
            }
        }
    }
    let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = handle::<W>;
    // SAFETY: zero bytes are valid for `sigaction`; the handler lives as long as the program.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        libc::sigaction(libc::SIGSEGV, core::ptr::null(), &mut action);
        if action.sa_sigaction == libc::SIG_DFL {
            action.sa_sigaction = handler as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigaction(libc::SIGSEGV, &action, null_mut());
        }
    }
}
