//! The heap profile: estimates which callers own the live bytes, from a sample of the requests.
//!
//! Each requested byte has the same chance of being sampled: one in 512 Ki by default. If a byte of a request
//! is sampled, the profile keeps the block and its callers until the block is freed. Without a profile,
//! requests and frees test one flag, which they test for other reasons anyway.

mod busy;
mod callers;
mod dump;
mod table;

use core::ffi::CStr;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use core_api::RawLock;
use os::probes::Sampler;

use crate::c_library;
use crate::files;
use crate::path::Path;
use crate::watch::{self, Reason};

use table::Sample;

/// The file for the profile at exit, and for each dump that names no file.
static FILE: Path = Path::new();

static SAMPLER: Sampler = Sampler::new(Sampler::INTERVAL);

/// True while requests are sampled. Frees of sampled blocks are recorded even when it is false.
static IS_SAMPLING: AtomicBool = AtomicBool::new(false);

/// The signal that asks for a profile; 0 if no signal does.
static SIGNAL: AtomicU32 = AtomicU32::new(0);

/// True if a signal asked for a profile that is not written yet.
static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// Sets the file from the option; returns false if the path is invalid.
pub(crate) fn set_file(value: &CStr) -> bool {
    FILE.set(value)
}

/// Sets the bytes requested per sample, on average.
pub(crate) fn set_interval(bytes: usize) {
    SAMPLER.set_interval(bytes);
}

/// Sets the signal from the option; returns false if the value is invalid.
pub(crate) fn set_signal(value: &CStr) -> bool {
    let signal = c_library::number(value).filter(|signal| (1..=64).contains(signal));
    let Some(signal) = signal.and_then(|signal| u32::try_from(signal).ok()) else {
        return false;
    };
    SIGNAL.store(signal, Ordering::Relaxed);
    true
}

/// Runs before `main`, after the options are read.
pub(crate) fn begin() {
    if !FILE.is_set() || !start(SAMPLER.interval()) {
        return;
    }
    extern "C" fn ask(_: i32) {
        IS_ASKED.store(true, Ordering::Relaxed);
    }
    if let Ok(signal @ 1..) = i32::try_from(SIGNAL.load(Ordering::Relaxed)) {
        c_library::on_signal(signal, ask);
    }
}

/// Runs at exit.
pub(crate) fn finish() {
    if FILE.is_set() && watch::is_for(Reason::Profile) {
        write(None);
    }
}

/// Starts to sample, every `interval` bytes on average; returns false if there is no memory for the tables.
pub(crate) fn start(interval: usize) -> bool {
    // This allocates, so it must not happen in the middle of a request.
    callers::prepare();
    SAMPLER.set_interval(interval);
    let has_room = table::prepare();
    if has_room {
        IS_SAMPLING.store(true, Ordering::Relaxed);
        watch::begin(Reason::Profile);
    }
    has_room
}

/// Stops sampling; the samples stay until their blocks are freed.
pub(crate) fn stop() {
    IS_SAMPLING.store(false, Ordering::Relaxed);
}

/// Writes the profile to the file at `path`, or else to the file of the option. Returns false if the file
/// cannot be opened or sampling never started.
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
        dump::write(file, SAMPLER.interval());
        files::close(file);
    })
    .is_some()
}

/// Records, perhaps as a sample, that a request for `requested` bytes got `block`.
pub(crate) fn allocated(block: NonNull<u8>, requested: usize) {
    if IS_ASKED.swap(false, Ordering::Relaxed) {
        write(None);
    }
    if IS_SAMPLING.load(Ordering::Relaxed) && SAMPLER.choose(requested) > 0 {
        sample(block, requested);
    }
}

fn sample(block: NonNull<u8>, requested: usize) {
    busy::once_at_a_time(|| {
        // Before taking the table's lock: the search may wait for the dynamic linker, which may wait for memory.
        let callers = callers::find();
        table::locked(|table| table.add(block.addr().get(), requested, &callers));
    });
}

/// Removes and returns the sample of a block that is about to be freed or moved.
pub(crate) fn forget(block: NonNull<u8>) -> Option<Sample> {
    let address = block.addr().get();
    table::may_have(address).then(|| table::locked(|table| table.remove(address)))?
}

/// Puts back the sample of a block that was not moved after all.
pub(crate) fn remember(sample: Option<Sample>) {
    if let Some(sample) = sample {
        table::locked(|table| table.put_back(sample));
    }
}

/// Keeps other threads out of the table during `fork`.
pub(crate) fn before_fork() {
    table::LOCK.acquire();
}

/// Lets the other threads in again.
///
/// # Safety
///
/// The calling thread called [`before_fork`].
pub(crate) unsafe fn after_fork(in_child: bool) {
    // SAFETY: the caller promises that `before_fork` acquired the lock in this thread.
    unsafe { table::LOCK.release() };
    if in_child {
        busy::reset();
    }
}
