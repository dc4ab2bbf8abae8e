//! What a caller did wrong, and how the process ends for it.

use core::fmt;
use core::sync::atomic::{AtomicPtr, Ordering};

/// A broken promise of the caller that a stage can see in its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Misuse {
    /// The block was free already.
    DoubleFree,
    /// The address is not that of a block of this heap.
    ForeignPointer,
    /// The block's header was overwritten, or the layout does not fit the block.
    CorruptHeader,
    /// The allocator was called from within one of its own calls.
    Reentered,
    /// The address lies in a block, but is not its first.
    InteriorPointer,
    /// A free block, or the link in it, was written to.
    WrittenWhileFree,
    /// A freed block was read or written.
    UsedAfterFree,
    /// Bytes beyond an end of a block were read or written.
    Overrun,
}

impl Misuse {
    /// One sentence for the person who reads it on a terminal.
    pub const fn message(self) -> &'static str {
        match self {
            Self::DoubleFree => "fatal: a block was freed twice",
            Self::ForeignPointer => "fatal: a pointer was freed that is no block of this heap",
            Self::CorruptHeader => "fatal: a block header was overwritten or the layout is wrong",
            Self::Reentered => "fatal: the allocator was called from within its own call",
            Self::InteriorPointer => "fatal: a pointer was freed that is not the start of a block",
            Self::WrittenWhileFree => "fatal: a free block was written to",
            Self::UsedAfterFree => "fatal: a block was used after it was freed",
            Self::Overrun => "fatal: bytes beyond the end of a block were used",
        }
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Misuse {}

/// Ends the process: the way [`fatal`] does it where the default does not fit.
pub type FatalHandler = fn(Misuse) -> !;

static HANDLER: AtomicPtr<FatalHandler> = AtomicPtr::new(core::ptr::null_mut());

/// Replaces what [`fatal`] does, for the whole program. The handler must not allocate.
pub fn set_fatal_handler(handler: &'static FatalHandler) {
    HANDLER.store(core::ptr::from_ref(handler).cast_mut(), Ordering::Release);
}

/// As [`set_fatal_handler`], unless there is one: for allocators that know better than to panic, where
/// the program may know better still.
#[cfg(target_has_atomic = "ptr")]
pub fn set_default_fatal_handler(handler: &'static FatalHandler) {
    let handler = core::ptr::from_ref(handler).cast_mut();
    let none = core::ptr::null_mut();
    let _ = HANDLER.compare_exchange(none, handler, Ordering::AcqRel, Ordering::Relaxed);
}

/// Reports the misuse and ends the process, without allocating and without unwinding.
///
/// In order: the handler set by [`set_fatal_handler`]; with feature `std`, a line on stderr and
/// `abort`; else a panic inside a function that cannot unwind, which aborts too.
#[cold]
#[inline(never)]
pub fn fatal(misuse: Misuse) -> ! {
    let handler = HANDLER.load(Ordering::Acquire);
    // SAFETY: the pointer is null or comes from the `&'static` given to `set_fatal_handler`.
    if let Some(handler) = unsafe { handler.as_ref() } {
        handler(misuse);
    }
    abort(misuse)
}

#[cfg(feature = "std")]
fn abort(misuse: Misuse) -> ! {
    use std::io::Write;
    let mut stderr = std::io::stderr();
    let _ = stderr.write_all(misuse.message().as_bytes());
    let _ = stderr.write_all(b"\n");
    std::process::abort()
}

/// The messages are literals because formatting one would allocate in std's panic handler.
#[cfg(not(feature = "std"))]
extern "C" fn abort(misuse: Misuse) -> ! {
    match misuse {
        Misuse::DoubleFree => panic!("a block was freed twice"),
        Misuse::ForeignPointer => panic!("a pointer was freed that is no block of this heap"),
        Misuse::CorruptHeader => panic!("a block header was overwritten or the layout is wrong"),
        Misuse::Reentered => panic!("the allocator was called from within its own call"),
        Misuse::InteriorPointer => panic!("a pointer was freed that is not the start of a block"),
        Misuse::WrittenWhileFree => panic!("a free block was written to"),
        Misuse::UsedAfterFree => panic!("a block was used after it was freed"),
        Misuse::Overrun => panic!("bytes beyond the end of a block were used"),
    }
}
