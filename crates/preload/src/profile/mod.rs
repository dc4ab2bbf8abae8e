//! The heap profile: which callers have the live bytes, from a sample of the requests.
//!
//! Each byte requested has the same chance of being sampled, one in 512 Ki unless told otherwise; a
//! request of which a byte is sampled is remembered with its callers until it is freed. While there
//! is no profile, requests and frees test one flag, which they test for other reasons anyway.

mod busy;
mod callers;
mod dump;
mod random;
mod table;

use core::ffi::CStr;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use core_api::RawLock;

use crate::files;
use crate::os;
use crate::path::Path;
use crate::watch::{self, Reason};

use table::Sample;

/// Bytes requested for each sample, on average, if nobody says otherwise.
pub(crate) const EVERY: usize = 512 << 10;

/// Where the profile at exit goes, and those that are asked for without a place.
static FILE: Path = Path::new();

static AVERAGE: AtomicUsize = AtomicUsize::new(EVERY);

/// Whether requests are sampled; frees of samples are noted even if not.
static IS_SAMPLING: AtomicBool = AtomicBool::new(false);

/// Bytes to request until the next sample.
static LEFT: AtomicUsize = AtomicUsize::new(0);

/// The signal that asks for a profile, 0 if none does.
static SIGNAL: AtomicU32 = AtomicU32::new(0);

/// Whether a signal asked for a profile.
static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// Takes the option for the file.
pub(crate) fn set_file(value: &CStr) -> bool {
    FILE.set(value)
}

/// Takes the option for the average.
pub(crate) fn set_average(value: &CStr) -> bool {
    let bytes = os::number(value).filter(|&bytes| bytes > 0);
    bytes
        .map(|bytes| AVERAGE.store(bytes, Ordering::Relaxed))
        .is_some()
}

/// Takes the option for the signal.
pub(crate) fn set_signal(value: &CStr) -> bool {
    let signal = os::number(value).filter(|signal| (1..=64).contains(signal));
    let Some(signal) = signal.and_then(|signal| u32::try_from(signal).ok()) else {
        return false;
    };
    SIGNAL.store(signal, Ordering::Relaxed);
    true
}

/// Runs before `main`, when the options are read.
pub(crate) fn begin() {
    if !FILE.is_set() || !start(AVERAGE.load(Ordering::Relaxed)) {
        return;
    }
    extern "C" fn ask(_: i32) {
        IS_ASKED.store(true, Ordering::Relaxed);
    }
    if let Ok(signal @ 1..) = i32::try_from(SIGNAL.load(Ordering::Relaxed)) {
        os::on_signal(signal, ask);
    }
}

/// Runs at exit.
pub(crate) fn finish() {
    if FILE.is_set() && watch::is_for(Reason::Profile) {
        write(None);
    }
}

/// Samples from now on, each `average` bytes; `false` if there is no memory for it.
pub(crate) fn start(average: usize) -> bool {
    // Not in the middle of a request.
    callers::prepare();
    AVERAGE.store(average.max(1), Ordering::Relaxed);
    let has_room = table::prepare();
    if has_room {
        LEFT.store(random::pause(average), Ordering::Relaxed);
        IS_SAMPLING.store(true, Ordering::Relaxed);
        watch::begin(Reason::Profile);
    }
    has_room
}

/// Samples no more; what was sampled is kept until it is freed.
pub(crate) fn stop() {
    IS_SAMPLING.store(false, Ordering::Relaxed);
}

/// Writes the profile of now to a file, or where the option says; `false` if it cannot be written, or
/// nothing was ever sampled.
pub(crate) fn write(path: Option<&CStr>) -> bool {
    if !watch::is_for(Reason::Profile) {
        return false;
    }
    let file = match path {
        Some(path) => files::create(path),
        None if FILE.is_set() => FILE.create(),
        None => None,
    };
    file.map(|file| {
        dump::write(file);
        files::close(file);
    })
    .is_some()
}

/// A block was requested, `requested` bytes long, and is `block`.
pub(crate) fn allocated(block: NonNull<u8>, requested: usize) {
    if IS_ASKED.swap(false, Ordering::Relaxed) {
        write(None);
    }
    if IS_SAMPLING.load(Ordering::Relaxed) && is_chosen(requested.max(1)) {
        sample(block, requested);
    }
}

/// Whether one of the bytes requested is the next to be sampled; then another one is chosen.
fn is_chosen(bytes: usize) -> bool {
    let pass = |left: usize| left.checked_sub(bytes).filter(|&left| left > 0);
    let choose = || random::pause(AVERAGE.load(Ordering::Relaxed));
    let left = LEFT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        Some(pass(left).unwrap_or_else(choose))
    });
    left.is_ok_and(|left| pass(left).is_none())
}

fn sample(block: NonNull<u8>, requested: usize) {
    busy::once_at_a_time(|| {
        // Before the table's lock: it may wait for the dynamic linker, which may wait for memory.
        let callers = callers::find();
        table::locked(|table| table.add(block.addr().get(), requested, &callers));
    });
}

/// A block is about to be freed or moved; what was known of it.
pub(crate) fn forget(block: NonNull<u8>) -> Option<Sample> {
    let address = block.addr().get();
    table::may_have(address).then(|| table::locked(|table| table.remove(address)))?
}

/// The block was not moved.
pub(crate) fn remember(sample: Option<Sample>) {
    if let Some(sample) = sample {
        table::locked(|table| table.put_back(sample));
    }
}

/// Keeps others out across `fork`.
pub(crate) fn before_fork() {
    table::LOCK.acquire();
}

/// Lets them in again.
///
/// # Safety
///
/// [`before_fork`] was called in this thread.
pub(crate) unsafe fn after_fork(in_child: bool) {
    // SAFETY: the caller's promise.
    unsafe { table::LOCK.release() };
    if in_child {
        busy::reset();
    }
}
