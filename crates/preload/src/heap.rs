//! The process's one heap.

use core::alloc::Layout;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

use core_api::{AllocError, FatalHandler, HeapStats, Reclaims, set_fatal_handler};
use thread_cached::Census;

use crate::errno::{self, Failure, Outcome};
use crate::message::{self, Line};
use crate::served::Served;
use crate::source::LARGEST;
use crate::stage::{self, HEAP};
use crate::watch::{self, Reason};
use crate::{fork, profile, stats};

/// A block for `layout`, of which the caller asked for `requested` bytes.
#[inline]
pub(crate) fn allocate(layout: Layout, requested: usize) -> Outcome {
    if watch::is_on() {
        return watched(layout, requested, || HEAP.allocate(layout));
    }
    outcome(HEAP.allocate(layout), layout)
}

/// As [`allocate`]; every byte is zero.
#[inline]
pub(crate) fn allocate_zeroed(layout: Layout, requested: usize) -> Outcome {
    if watch::is_on() {
        return watched(layout, requested, || HEAP.allocate_zeroed(layout));
    }
    outcome(HEAP.allocate_zeroed(layout), layout)
}

/// A block that `serve` returns, and that is looked at.
#[cold]
#[inline(never)]
fn watched(
    layout: Layout,
    requested: usize,
    serve: impl FnOnce() -> Result<NonNull<u8>, AllocError>,
) -> Outcome {
    let served = errno::kept(|| {
        prepare();
        stats::count(requested);
        let served = serve();
        if watch::is_for(Reason::Profile)
            && let Ok(block) = served
        {
            profile::allocated(block, requested);
        }
        served
    });
    outcome(served, layout)
}

/// Gives a block back.
///
/// # Safety
///
/// `block` is live and not used again.
#[inline]
pub(crate) unsafe fn free(block: NonNull<u8>) {
    if watch::is_on() {
        forget(block);
    }
    // SAFETY: the caller's promise is passed on.
    unsafe { HEAP.free(block) }
}

#[cold]
#[inline(never)]
fn forget(block: NonNull<u8>) {
    if watch::is_for(Reason::Profile) {
        errno::kept(|| profile::forget(block));
    }
}

/// Makes a block larger or smaller, moving it if it must.
///
/// # Safety
///
/// `block` is live, aligned for `layout`, and not used again if the outcome is another one.
#[inline]
pub(crate) unsafe fn reallocate(block: NonNull<u8>, layout: Layout, requested: usize) -> Outcome {
    if watch::is_on() {
        // SAFETY: the caller's promise is passed on.
        return unsafe { reallocate_watched(block, layout, requested) };
    }
    // SAFETY: the caller's promise is passed on.
    outcome(unsafe { HEAP.realloc(block, layout) }, layout)
}

/// As [`reallocate`]; looked at.
///
/// # Safety
///
/// As for [`reallocate`].
#[cold]
unsafe fn reallocate_watched(block: NonNull<u8>, layout: Layout, requested: usize) -> Outcome {
    // Before: as soon as it has moved, another thread may have its address.
    let sample = watch::is_for(Reason::Profile).then(|| profile::forget(block));
    let moved = watched(layout, requested, || {
        // SAFETY: the caller's promise is passed on.
        unsafe { HEAP.realloc(block, layout) }
    });
    if moved.is_err() {
        profile::remember(sample.flatten());
    }
    moved
}

/// Bytes of a block that its user may use.
///
/// # Safety
///
/// `block` is live.
pub(crate) unsafe fn usable_size(block: NonNull<u8>) -> usize {
    // SAFETY: the caller's promise is passed on.
    unsafe { HEAP.usable_size(block) }
}

/// Gives back what the stage can, and returns how many bytes that was at most.
pub(crate) fn trim() -> usize {
    HEAP.trim()
}

/// Sums over the blocks. O(blocks), with the lock held.
pub(crate) fn sums() -> HeapStats {
    HEAP.stats()
}

/// Counts of each size, where the stage has size classes.
pub(crate) fn census() -> Option<Census> {
    Served::census(&HEAP)
}

#[inline]
fn outcome(result: Result<NonNull<u8>, AllocError>, layout: Layout) -> Outcome {
    result.map_err(|AllocError| {
        report_exhaustion(layout.size());
        Failure::NoMemory
    })
}

/// Registers the handlers for `fork` and for misuse before the first block. That this is no longer
/// the first request is noted before, and no lock is held, because registering may allocate.
fn prepare() {
    if !watch::end(Reason::First) {
        return;
    }
    // A stage with handlers of its own for `fork` registers them with its first block. Ours come after
    // them: the last one is called first.
    if let Ok(first) = HEAP.allocate(Layout::new::<u128>()) {
        // SAFETY: the block was returned just now.
        unsafe { HEAP.free(first) };
    }
    explain_misuse();
    fork::prepare();
}

/// Has misuse end the process with a line. Before the first block too, which a program need not
/// have to free one that is none.
pub(crate) fn explain_misuse() {
    static ABORT: FatalHandler = message::abort;
    set_fatal_handler(&ABORT);
}

/// A stage that does not use all of its memory again says so when it has none left, once.
#[cold]
fn report_exhaustion(size: usize) {
    static SAID: AtomicBool = AtomicBool::new(false);
    let why = match HEAP.reclaims() {
        Reclaims::Everything => return,
        Reclaims::WholeBlocks => "freed blocks are used again at their first size only",
        Reclaims::LastBlock | Reclaims::Nothing => "freed blocks are not used again",
    };
    // A request beyond any heap says nothing about this one.
    if size >= LARGEST || SAID.swap(true, Ordering::Relaxed) {
        return;
    }
    let mut line = Line::new();
    line.add(format_args!(
        "{} is out of memory at a request of {size} bytes: {why}",
        stage::NAME
    ));
    line.print();
}
