//! A thread that does one thing at a time for the one that runs programs.

use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use core_api::Allocator;
use thread_cached::ThreadCached;

/// What there is to do.
pub(super) enum Job {
    Allocate(Layout),
    /// The block is live, and nobody else uses it.
    Deallocate(NonNull<u8>, Layout),
    /// Gives the thread's heap up.
    Leave,
}

// SAFETY: a block may be freed by any thread.
unsafe impl Send for Job {}

struct Done(Option<NonNull<[u8]>>);

// SAFETY: a block may be used by any thread.
unsafe impl Send for Done {}

thread_local! {
    static OTHER: (Sender<Job>, Receiver<Done>) = start();
}

fn start() -> (Sender<Job>, Receiver<Done>) {
    let (ask, asked) = channel();
    let (answer, answered) = channel();
    thread::spawn(move || {
        asked.iter().for_each(|job| {
            // Whoever asked waits, unless the process ends.
            let _ = answer.send(Done(perform(job)));
        });
    });
    (ask, answered)
}

fn perform(job: Job) -> Option<NonNull<[u8]>> {
    let mut heaps = ThreadCached::new();
    match job {
        Job::Allocate(layout) => return heaps.allocate(layout).ok(),
        // SAFETY: the job's promise.
        Job::Deallocate(block, layout) => unsafe { heaps.deallocate(block, layout) },
        Job::Leave => heaps.leave(),
    }
    None
}

/// Has it done, and waits; the block, if there is one.
///
/// # Panics
///
/// If the other thread did.
pub(super) fn on_other_thread(job: Job) -> Option<NonNull<[u8]>> {
    OTHER.with(|(ask, answered)| {
        ask.send(job).expect("the other thread lives");
        answered.recv().expect("it does not panic").0
    })
}
