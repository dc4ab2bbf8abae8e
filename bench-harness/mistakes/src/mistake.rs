//! The mistakes, and where they are made.

use std::alloc::Layout;
use std::hint::black_box;
use std::sync::{Barrier, OnceLock};
use std::thread;

use core_api::fatal;
use libc::{SIGABRT, SIGUSR1, SIGUSR2};

use crate::subject::chosen;

pub(crate) type Mistake = fn();

const MISTAKES: &[(&str, Mistake)] = &[
    ("double-free", double_free),
    ("foreign-pointer", foreign_pointer),
    ("wrong-layout", wrong_layout),
    ("source-panics", first_request),
    ("source-allocates", first_request),
    ("policy-panics", first_request),
    ("closure-allocates", || chosen().look(&call_back)),
    ("closure-panics", || {
        chosen().look(&|| panic!("a look that panics"))
    }),
    ("handler-between", || {
        on_signal(SIGUSR2, allocate_in_handler);
        chosen().look(&|| raise(SIGUSR2));
    }),
    ("fatal-handler-allocates", || {
        fatal::set_handler(|misuse| {
            call_back();
            fatal::report("", misuse)
        });
        double_free();
    }),
    ("fatal-handler-panics", || {
        fatal::set_handler(|_| panic!("a handler that panics"));
        double_free();
    }),
    ("abort-handler-allocates", || {
        on_signal(SIGABRT, allocate_in_handler);
        double_free();
    }),
    ("abort-is-blocked", || {
        // SAFETY: a set of signals, which is made empty first.
        unsafe {
            let mut set = core::mem::zeroed();
            libc::sigemptyset(&mut set);
            libc::sigaddset(&mut set, SIGABRT);
            libc::pthread_sigmask(libc::SIG_BLOCK, &set, core::ptr::null_mut());
            libc::signal(SIGABRT, libc::SIG_IGN);
        }
        double_free();
    }),
];

/// The mistake of a name.
pub(crate) fn find(name: &str) -> Option<Mistake> {
    let found = MISTAKES.iter().find(|(known, _)| *known == name);
    found.map(|(_, make)| *make)
}

/// Makes the mistake in one of four threads. The other three want the heap, and take no block that was freed
/// by mistake.
pub(crate) fn among_threads(make: Mistake) {
    for _ in 0..3 {
        thread::spawn(|| {
            loop {
                chosen().look(&|| ());
                thread::yield_now();
            }
        });
    }
    let _ = thread::spawn(make).join();
}

/// Makes the mistake in four threads at once.
pub(crate) fn together(make: Mistake) {
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                barrier.wait();
                make();
            });
        }
    });
}

/// Makes the mistake in the handler of a signal, which interrupts no call of the heap.
pub(crate) fn in_handler(make: Mistake) {
    static MAKE: OnceLock<Mistake> = OnceLock::new();
    extern "C" fn handle(_: i32) {
        MAKE.get().expect("set before")();
    }
    let _ = MAKE.set(make);
    on_signal(SIGUSR1, handle);
    raise(SIGUSR1);
}

fn double_free() {
    let layout = Layout::new::<[u64; 5]>();
    let block = black_box(chosen().allocate(layout));
    // SAFETY: the second call is the mistake.
    unsafe {
        chosen().free(block, layout);
        chosen().free(block, layout);
    }
}

fn foreign_pointer() {
    static mut NO_BLOCK: [u64; 1024] = [0; 1024];
    first_request();
    let block = black_box((&raw mut NO_BLOCK).cast::<u8>());
    // SAFETY: the mistake.
    unsafe { chosen().free(block.wrapping_add(64), Layout::new::<[u64; 5]>()) };
}

fn wrong_layout() {
    let block = black_box(chosen().allocate(Layout::new::<[u64; 5]>()));
    // SAFETY: the mistake.
    unsafe { chosen().free(block, Layout::new::<[u64; 500]>()) };
}

/// Where the heap asks its source, which makes the mistake.
fn first_request() {
    black_box(chosen().allocate(Layout::new::<[u64; 5]>()));
}

/// Comes back into the heap while it is in use.
fn call_back() {
    let layout = Layout::new::<[u64; 5]>();
    let block = black_box(chosen().allocate(layout));
    if !block.is_null() {
        // SAFETY: allocated just now.
        unsafe { chosen().free(block, layout) };
    }
    // One that lends itself to one thread returns an error, and cannot when it takes a block back.
    let mut word = 0_u64;
    // SAFETY: the mistake.
    unsafe { chosen().free((&raw mut word).cast(), Layout::new::<u64>()) };
}

extern "C" fn allocate_in_handler(_: i32) {
    call_back();
}

fn on_signal(signal: i32, handler: extern "C" fn(i32)) {
    // SAFETY: the function lives as long as the program.
    unsafe { libc::signal(signal, handler as usize) };
}

fn raise(signal: i32) {
    // SAFETY: always allowed.
    unsafe { libc::raise(signal) };
}
