//! An allocator whose last call is known even if it never returns.

use std::alloc::Layout;
use std::fmt::{self, Write};
use std::ops::ControlFlow;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use core_api::{AllocError, Allocator, Block, Corruption, Inspect, Reclaims};

use crate::erased::Erased;

/// Writes down each call before it passes the call on.
pub(crate) struct Noted(Erased);

/// The methods, in the order of their numbers in [`LAST`].
const METHODS: [&str; 7] = [
    "allocate",
    "deallocate",
    "allocate_zeroed",
    "resize_in_place",
    "grow",
    "grow_zeroed",
    "shrink",
];

/// The last call: its method, the block's size, the new size, and the alignment. Before the first call
/// the method is none of [`METHODS`].
static LAST: [AtomicUsize; 4] = [
    AtomicUsize::new(usize::MAX),
    AtomicUsize::new(0),
    AtomicUsize::new(0),
    AtomicUsize::new(0),
];

fn note(method: usize, old_size: usize, new: Layout) {
    for (place, number) in LAST.iter().zip([method, old_size, new.size(), new.align()]) {
        place.store(number, Ordering::Relaxed);
    }
}

impl Noted {
    pub(crate) fn new(allocator: Erased) -> Self {
        Self(allocator)
    }
}

// SAFETY: every method is the inner allocator's own.
unsafe impl Allocator for Noted {
    fn allocate(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        note(0, 0, layout);
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&mut self, block: NonNull<u8>, layout: Layout) {
        note(1, 0, layout);
        // SAFETY: passed on.
        unsafe { self.0.deallocate(block, layout) }
    }

    fn allocate_zeroed(&mut self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        note(2, 0, layout);
        self.0.allocate_zeroed(layout)
    }

    unsafe fn resize_in_place(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new_size: usize,
    ) -> Result<NonNull<[u8]>, AllocError> {
        let new = Layout::from_size_align(new_size, old.align()).unwrap_or(old);
        note(3, old.size(), new);
        // SAFETY: passed on.
        unsafe { self.0.resize_in_place(block, old, new_size) }
    }

    unsafe fn grow(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        note(4, old.size(), new);
        // SAFETY: passed on.
        unsafe { self.0.grow(block, old, new) }
    }

    unsafe fn grow_zeroed(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        note(5, old.size(), new);
        // SAFETY: passed on.
        unsafe { self.0.grow_zeroed(block, old, new) }
    }

    unsafe fn shrink(
        &mut self,
        block: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        note(6, old.size(), new);
        // SAFETY: passed on.
        unsafe { self.0.shrink(block, old, new) }
    }

    fn reclaims(&self) -> Reclaims {
        self.0.reclaims()
    }
}

impl Inspect for Noted {
    fn walk(&self, visit: &mut dyn FnMut(Block) -> ControlFlow<()>) -> ControlFlow<()> {
        self.0.walk(visit)
    }

    fn check(&self) -> Result<(), Corruption> {
        self.0.check()
    }
}

/// The signals that end a process whose memory is damaged, or that takes too long.
const SIGNALS: [i32; 6] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGILL,
    libc::SIGFPE,
    libc::SIGABRT,
    libc::SIGALRM,
];

/// Has the process say on standard error which call was the last, when a signal ends it. `SIGALRM` does
/// after `limit`.
pub(crate) fn tell_last_call(limit: Duration) {
    let seconds = u32::try_from(limit.as_secs()).unwrap_or(u32::MAX).max(1);
    // SAFETY: a structure of numbers, all zero; the handler writes to standard error and raises the signal
    // again, which may be done in a handler. It runs on the stack that std made for such signals.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = tell as extern "C" fn(i32) as usize;
        action.sa_flags = libc::SA_ONSTACK | libc::SA_RESETHAND | libc::SA_NODEFER;
        for signal in SIGNALS {
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
        libc::alarm(seconds);
    }
}

extern "C" fn tell(signal: i32) {
    let mut line = Line::default();
    let [method, old_size, size, align] =
        [0, 1, 2, 3].map(|index: usize| LAST[index].load(Ordering::Relaxed));
    // What does not fit into the line is left out.
    let _ = match METHODS.get(method) {
        None => writeln!(line, "before the first call"),
        Some(name) if method < 3 => writeln!(line, "in {name}({size} bytes, align {align})"),
        Some(name) => writeln!(line, "in {name}({old_size} to {size} bytes, align {align})"),
    };
    // SAFETY: the line's bytes are initialised; both calls may be made in a handler.
    unsafe {
        libc::write(libc::STDERR_FILENO, line.bytes.as_ptr().cast(), line.len);
        libc::raise(signal);
    }
}

/// A line of text that needs no memory.
struct Line {
    bytes: [u8; 160],
    len: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            bytes: [0; 160],
            len: 0,
        }
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = self.bytes.get_mut(self.len..self.len + text.len());
        room.ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}
