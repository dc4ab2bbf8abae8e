//! Ends the process after a misuse: one line, then an abort, whatever locks the thread holds.
//!
//! The thread that reports may hold the heap's lock, and its program may have a handler for misuse or
//! for `SIGABRT`. Only these two handlers run before the end. If one of them allocates, the lock sees that its
//! own holder waits for it, and calls [`fatal`] again, which ends the process at once. Other threads wait.

use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicUsize, Ordering};

use crate::{Misuse, end, thread};

/// A function that ends the process in place of [`fatal`]'s default.
pub type Handler = fn(Misuse) -> !;

/// A handler, and the pointer that an atomic can hold.
#[repr(C)]
union Slot {
    handler: Option<Handler>,
    pointer: *mut (),
}

/// The handler, or null if the program has set none.
static HANDLER: AtomicPtr<()> = AtomicPtr::new(core::ptr::null_mut());

/// The thread that reports a misuse; 0 while no thread does.
static REPORTER: AtomicUsize = AtomicUsize::new(0);

/// The number of the reported misuse.
static REPORTED: AtomicU8 = AtomicU8::new(0);

/// True once the line is written.
static IS_SAID: AtomicBool = AtomicBool::new(false);

/// Makes [`fatal`] call `handler`, in the whole program.
///
/// The thread that calls the handler may hold an allocator's lock. So the handler must neither allocate nor
/// wait for another thread. If it allocates from the heap that reports, or panics, the process ends with the
/// same line as without a handler.
///
/// ```
/// core_api::fatal::set_handler(|misuse| core_api::fatal::report("my program: ", misuse));
/// ```
pub fn set_handler(handler: Handler) {
    let slot = Slot {
        handler: Some(handler),
    };
    // SAFETY: a function pointer is a pointer.
    HANDLER.store(unsafe { slot.pointer }, Ordering::Release);
}

/// Returns the handler that the program has set.
fn handler() -> Option<Handler> {
    let slot = Slot {
        pointer: HANDLER.load(Ordering::Acquire),
    };
    // SAFETY: the pointer is null, which is `None`, or `set_handler` made it from a `Handler`.
    unsafe { slot.handler }
}

/// Reports the misuse and ends the process, without allocating and without unwinding.
///
/// It calls the handler of [`set_handler`], or [`report`] if there is none. A signal handler may
/// call it.
#[cold]
#[inline(never)]
pub fn fatal(misuse: Misuse) -> ! {
    let own = thread::current();
    match claim(own) {
        0 => {}
        first if first == own => end_again(),
        _ => wait_for_the_end(),
    }
    REPORTED.store(misuse as u8, Ordering::Relaxed);
    if let Some(handler) = handler() {
        let _unwound = EndAgain;
        handler(misuse);
    }
    report("", misuse)
}

/// Writes one line to stderr, `prefix` and the misuse's [message](Misuse::message), and aborts. A handler
/// can call it to end the process.
///
/// On Linux and other Unix the process ends with `SIGABRT`; on other systems, with the feature `std`, it ends
/// with `std::process::abort`. Without an operating system there is no line, and the processor traps (x86,
/// Arm, RISC-V, WebAssembly); other targets panic in a function that cannot unwind.
pub fn report(prefix: &str, misuse: Misuse) -> ! {
    say(prefix, misuse);
    end::abort(misuse.message())
}

/// Ends the process if the calling thread would wait forever for a lock that it holds itself. `own` is the
/// [calling thread](thread::current), and `holder` holds the lock. A lock calls this each time before it waits.
///
/// If the target [cannot tell threads apart](thread::IS_KNOWN), this only ends the process after a misuse is
/// reported: then a handler of the end may be waiting.
#[inline]
pub fn check_wait(own: usize, holder: usize) {
    let waits_for_itself = match thread::IS_KNOWN {
        true => holder == own,
        false => REPORTER.load(Ordering::Relaxed) != 0,
    };
    if waits_for_itself {
        fatal(Misuse::Reentered);
    }
}

/// Calls `run`, and ends the process if it unwinds. Allocators use it for foreign code inside their calls.
#[inline]
pub fn without_unwinding<T>(run: impl FnOnce() -> T) -> T {
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            fatal(Misuse::Unwound)
        }
    }
    let end = End;
    let result = run();
    core::mem::forget(end);
    result
}

/// Makes the calling thread the reporter and returns 0; returns the reporter if there is one already.
#[cfg(target_has_atomic = "ptr")]
fn claim(own: usize) -> usize {
    match REPORTER.compare_exchange(0, own, Ordering::AcqRel, Ordering::Acquire) {
        Ok(none) => none,
        Err(first) => first,
    }
}

/// As above. An interrupt between the load and the store that reports a misuse ends the program itself.
#[cfg(not(target_has_atomic = "ptr"))]
fn claim(own: usize) -> usize {
    let first = REPORTER.load(Ordering::Acquire);
    if first == 0 {
        REPORTER.store(own, Ordering::Release);
    }
    first
}

/// Writes the line unless it is written already. Sets the flag after writing: if the target cannot tell threads
/// apart, two lines are better than none.
fn say(prefix: &str, misuse: Misuse) {
    if !IS_SAID.load(Ordering::Acquire) {
        end::say([prefix, "fatal: ", misuse.message(), "\n"]);
        IS_SAID.store(true, Ordering::Release);
    }
}

/// Ends the process at once, because the reporting thread called again. Runs no more code of the program.
#[cold]
fn end_again() -> ! {
    let number = usize::from(REPORTED.load(Ordering::Relaxed));
    let misuse = Misuse::ALL.get(number).copied();
    let misuse = misuse.unwrap_or(Misuse::Reentered);
    say("", misuse);
    end::abort_at_once(misuse.message())
}

/// Waits forever: another thread reports, and will end the process.
fn wait_for_the_end() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// Ends the process if it is dropped: the handler unwinds, and its panic has printed a message.
struct EndAgain;

impl Drop for EndAgain {
    fn drop(&mut self) {
        end_again();
    }
}
