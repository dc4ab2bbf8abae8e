//! Explains faults: accesses to pages that cannot be touched.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

use core_api::{Misuse, fatal};
use libc::siginfo_t;

/// Explains an access that faulted.
pub(crate) trait Explain {
    /// The misuse that an access to this address is, if it is known.
    fn explain(address: usize) -> Option<Misuse>;
}

/// Installs a handler that explains faults, unless the program has a handler.
pub(crate) fn explain_faults<E: Explain>() {
    extern "C" fn explain<E: Explain>(signal: c_int, info: *mut siginfo_t, _: *mut c_void) {
        // SAFETY: the kernel's description of the signal.
        let is_fault = unsafe { (*info).si_code } > 0;
        // SAFETY: a fault has an address.
        let address = || unsafe { (*info).si_addr() }.addr();
        if let Some(misuse) = is_fault.then(address).and_then(E::explain) {
            fatal(misuse);
        }
        // SAFETY: back to what was before. The access is made again, and ends the process; what
        // somebody sent is sent again.
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
            if !is_fault {
                libc::raise(signal);
            }
        }
    }
    let handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void) = explain::<E>;
    // SAFETY: structures of numbers; the handler lives as long as the program.
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
