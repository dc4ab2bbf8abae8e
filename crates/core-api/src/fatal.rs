//! How the process ends for a misuse: one line, then an abort, whatever the thread holds.
//!
//! The thread that reports may hold the heap's lock, and its program may have a handler for misuse or
//! for `SIGABRT`. Only these two run before the end. If one of them allocates, the lock sees that its
//! own thread waits for it, calls [`fatal`] again, and the process ends at once. Other threads wait.

use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicUsize, Ordering};

use crate::{Misuse, end, thread};

/// Ends the process: the way [`fatal`] does it where the default does not fit.
pub type FatalHandler = fn(Misuse) -> !;

static HANDLER: AtomicPtr<FatalHandler> = AtomicPtr::new(core::ptr::null_mut());

/// The thread that reports a misuse; 0 while no thread does.
static REPORTER: AtomicUsize = AtomicUsize::new(0);

/// The number of the misuse that is reported.
static REPORTED: AtomicU8 = AtomicU8::new(0);

/// Whether the line was written.
static IS_SAID: AtomicBool = AtomicBool::new(false);

/// Replaces what [`fatal`] does, for the whole program.
///
/// The thread that calls the handler may hold a lock of an allocator. So the handler must neither
/// allocate nor wait for another thread. If it allocates from the heap that reports, or panics, the
/// process ends with the line that it would have had without a handler.
pub fn set_fatal_handler(handler: &'static FatalHandler) {
    HANDLER.store(core::ptr::from_ref(handler).cast_mut(), Ordering::Release);
}

/// Reports the misuse and ends the process, without allocating and without unwinding.
///
/// It calls the handler that [`set_fatal_handler`] set; if there is none, it does what
/// [`report`] does. May be called in the handler of a signal.
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
    let handler = HANDLER.load(Ordering::Acquire);
    // SAFETY: the pointer is null or comes from the `&'static` given to `set_fatal_handler`.
    if let Some(handler) = unsafe { handler.as_ref() } {
        let _unwound = EndAgain;
        handler(misuse);
    }
    report("", misuse)
}

/// Writes one line on stderr, `prefix` and the misuse's [message](Misuse::message), and aborts: for
/// handlers that have nothing else to do.
///
/// On Linux and other Unix the process ends by `SIGABRT`, elsewhere with the feature `std` by
/// `std::process::abort`. Without an operating system there is no line, and the processor traps: x86,
/// Arm, RISC-V, WebAssembly; others panic in a function that cannot unwind.
pub fn report(prefix: &str, misuse: Misuse) -> ! {
    say(prefix, misuse);
    end::abort(misuse.message())
}

/// Ends the process if the calling thread, which is [`own`](thread::current), would wait for ever for
/// the lock of `holder`, because it is the holder. A lock calls this each time before it waits.
///
/// Where [threads cannot be told apart](thread::IS_KNOWN), only the handlers of the end are caught.
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

/// Runs `run`, and ends the process if it unwinds: for code in a call of an allocator that is not the
/// allocator's own.
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

/// Makes the calling thread the one that reports, unless there is one, which is returned.
#[cfg(target_has_atomic = "ptr")]
fn claim(own: usize) -> usize {
    match REPORTER.compare_exchange(0, own, Ordering::AcqRel, Ordering::Acquire) {
        Ok(none) => none,
        Err(first) => first,
    }
}

/// As above. An interrupt that comes between ends the program itself.
#[cfg(not(target_has_atomic = "ptr"))]
fn claim(own: usize) -> usize {
    let first = REPORTER.load(Ordering::Acquire);
    if first == 0 {
        REPORTER.store(own, Ordering::Release);
    }
    first
}

/// The line is written before it counts as said: if threads cannot be told apart, two lines are better
/// than none.
fn say(prefix: &str, misuse: Misuse) {
    if !IS_SAID.load(Ordering::Acquire) {
        end::say([prefix, misuse.message(), "\n"]);
        IS_SAID.store(true, Ordering::Release);
    }
}

/// The thread that reports came back: no code of the program runs any more.
#[cold]
fn end_again() -> ! {
    let number = usize::from(REPORTED.load(Ordering::Relaxed));
    let misuse = Misuse::ALL.get(number).copied();
    let misuse = misuse.unwrap_or(Misuse::Reentered);
    say("", misuse);
    end::abort_at_once(misuse.message())
}

/// Another thread reports, and will end the process.
fn wait_for_the_end() -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// The handler unwinds: what its panic said was said.
struct EndAgain;

impl Drop for EndAgain {
    fn drop(&mut self) {
        end_again();
    }
}
