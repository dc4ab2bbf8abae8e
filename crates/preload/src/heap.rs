//! The process's one heap.

use core::alloc::Layout;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

use core_api::{AllocError, HeapStats, Reclaims, fatal};
use thread_cached::SizeClassStats;

use crate::errno::{Failure, Outcome};
use crate::message::{self, Line};
use crate::probes::PROBES;
use crate::served::Served;
use crate::source::LARGEST;
use crate::stage::{self, HEAP};
use crate::tier::{self, Door};
use crate::watch::{self, Reason};
use crate::{counts, fork, profile};

/// Allocates a block for `layout`; the program asked for `requested` bytes of it, at this door.
#[inline]
pub(crate) fn allocate(layout: Layout, requested: usize, door: Door) -> Outcome {
    let serve = || match tier::is_on() {
        true => tier::allocate(requested, layout.align(), door),
        false => HEAP.allocate(layout),
    };
    if watch::is_on() {
        return watched(layout, requested, serve);
    }
    outcome(serve(), layout)
}

/// As [`allocate`]; every byte is zero.
#[inline]
pub(crate) fn allocate_zeroed(layout: Layout, requested: usize) -> Outcome {
    let serve = || match tier::is_on() {
        true => tier::allocate_zeroed(requested, layout.align()),
        false => HEAP.allocate_zeroed(layout),
    };
    if watch::is_on() {
        return watched(layout, requested, serve);
    }
    outcome(serve(), layout)
}

/// Calls `serve` for a block, and counts and samples the request.
#[cold]
#[inline(never)]
fn watched(
    layout: Layout,
    requested: usize,
    serve: impl FnOnce() -> Result<NonNull<u8>, AllocError>,
) -> Outcome {
    let served = os::keeping_errno(|| {
        prepare();
        counts::count(requested);
        let served = serve();
        if let Ok(block) = served {
            if watch::is_for(Reason::Profile) {
                profile::allocated(block, requested);
            }
            // From now on this thread's frees come here as well.
            Served::refresh(&HEAP);
            PROBES.allocated(block, requested);
        }
        served
    });
    outcome(served, layout)
}

/// Frees a block at this door, whose size the caller may know.
///
/// # Safety
///
/// `block` is live, and the caller does not use it again.
#[inline]
pub(crate) unsafe fn free(block: NonNull<u8>, size: Option<usize>, door: Door) {
    if watch::is_on() {
        forget(block);
    }
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match tier::is_on() {
            true => tier::free(block, size, door),
            false => HEAP.free(block),
        }
    }
}

#[cold]
#[inline(never)]
fn forget(block: NonNull<u8>) {
    PROBES.freed(block.addr().get());
    if watch::is_for(Reason::Profile) {
        os::keeping_errno(|| profile::forget(block));
    }
}

/// Resizes a block, and moves it if it must.
///
/// # Safety
///
/// `block` is live and aligned for `layout`. If the outcome is a block, the caller does not use the old
/// one again.
#[inline]
pub(crate) unsafe fn reallocate(block: NonNull<u8>, layout: Layout, requested: usize) -> Outcome {
    if watch::is_on() {
        // SAFETY: the caller's promise is passed on.
        return unsafe { reallocate_watched(block, layout, requested) };
    }
    // SAFETY: the caller's promise is passed on.
    outcome(unsafe { resized(block, layout, requested) }, layout)
}

/// # Safety
///
/// As for [`reallocate`].
#[inline]
unsafe fn resized(
    block: NonNull<u8>,
    layout: Layout,
    requested: usize,
) -> Result<NonNull<u8>, AllocError> {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match tier::is_on() {
            true => tier::realloc(block, requested, layout.align()),
            false => HEAP.realloc(block, layout),
        }
    }
}

/// As [`reallocate`]; also counts and samples the request.
///
/// # Safety
///
/// As for [`reallocate`].
#[cold]
unsafe fn reallocate_watched(block: NonNull<u8>, layout: Layout, requested: usize) -> Outcome {
    // Before the move: once the block has moved, another thread may own its old address.
    PROBES.freed(block.addr().get());
    let sample = watch::is_for(Reason::Profile).then(|| profile::forget(block));
    let moved = watched(layout, requested, || {
        // SAFETY: the caller's promise is passed on.
        unsafe { resized(block, layout, requested) }
    });
    if moved.is_err() {
        profile::remember(sample.flatten());
    }
    moved
}

/// Returns how many bytes of a block the program may use.
///
/// # Safety
///
/// `block` is live.
pub(crate) unsafe fn usable_size(block: NonNull<u8>) -> usize {
    // SAFETY: the caller's promise is passed on.
    unsafe {
        match tier::is_on() {
            true => tier::usable_size(block),
            false => HEAP.usable_size(block),
        }
    }
}

/// Gives free memory back to the system and returns an upper bound of the bytes.
pub(crate) fn trim() -> usize {
    match tier::is_on() {
        true => tier::trim(),
        false => HEAP.trim(),
    }
}

/// Returns sums over all blocks. O(blocks), with the lock held.
pub(crate) fn sums() -> HeapStats {
    match tier::is_on() {
        true => tier::stats(),
        false => HEAP.stats(),
    }
}

/// Returns the counts of each size class, if the stage has size classes. The hardened heap does not tell.
pub(crate) fn size_classes() -> Option<SizeClassStats> {
    match tier::is_on() {
        true => None,
        false => Served::size_classes(&HEAP),
    }
}

#[inline]
fn outcome(result: Result<NonNull<u8>, AllocError>, layout: Layout) -> Outcome {
    result.map_err(|AllocError| {
        report_exhaustion(layout.size());
        Failure::NoMemory
    })
}

/// Registers the handlers for `fork` and for misuse before the first block. Registering may allocate:
/// therefore it clears the reason [`Reason::First`] first, and holds no lock.
fn prepare() {
    if !watch::end(Reason::First) {
        return;
    }
    // A stage with its own handlers for `fork` registers them with its first block. Ours must come
    // later: the C library calls the handler registered last before the others.
    if tier::is_on()
        && let Ok(first) = tier::allocate(16, 16, Door::C)
    {
        // SAFETY: the heap returned the block just now, and nothing else knows it.
        unsafe { tier::free(first, None, Door::C) };
    }
    if let Ok(first) = HEAP.allocate(Layout::new::<u128>()) {
        // SAFETY: as above.
        unsafe { HEAP.free(first) };
    }
    explain_misuse();
    fork::prepare();
}

/// Installs the handler that ends the process with a line on misuse. It also runs at start-up: a program
/// can free a foreign pointer before it allocates its first block.
pub(crate) fn explain_misuse() {
    fatal::set_handler(message::abort);
}

/// Prints a line, once, when a stage that does not reuse all freed memory has none left.
#[cold]
fn report_exhaustion(size: usize) {
    static SAID: AtomicBool = AtomicBool::new(false);
    let why = match HEAP.reclaims() {
        Reclaims::Everything => return,
        Reclaims::WholeBlocks => "freed blocks are reused at their first size only",
        _ => "freed blocks are not reused",
    };
    // A request larger than any heap does not mean that this one is full.
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
