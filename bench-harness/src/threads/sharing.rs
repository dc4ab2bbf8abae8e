//! Allocators that threads can share. Adding one is adding one line.

use std::alloc::{GlobalAlloc, System};
use std::time::Duration;

use bump::Bump;
use core_api::{Allocator, Fixed, Locked};
use fit_strategies::{BestFit, FirstFit, NextFit, WorstFit};
use freelist::FreeList;
use mmap_backed::{FutexLock, Global};

use super::{Plan, Played, play, verify};
use crate::allocators::EMPTY;
use crate::global::{Nothing, Task};
use crate::memory::Room;
use crate::peers::{rlsf, talc};
use crate::replay::Outcome;
use crate::verify::Violation;

/// What can be asked of an allocator that threads share.
pub trait SharedSubject: Send + Sync {
    /// Replays `plan` on a fresh allocator.
    fn time(&self, room: &mut Room, plan: &Plan, limit: Duration) -> Played;

    /// Replays `plan` with every check on a fresh allocator.
    ///
    /// # Errors
    ///
    /// The first broken promise that was seen.
    fn verify(&self, room: &mut Room, plan: &Plan, limit: Duration) -> Result<Outcome, Violation>;

    /// The figure of a fresh allocator on a micro-benchmark.
    fn figure(&self, room: &mut Room, task: Task) -> f64;
}

/// A constructor of an allocator that is called through a shared reference.
#[derive(Debug)]
pub struct Shared<G> {
    make: fn(&mut Room) -> G,
}

impl<G: GlobalAlloc + Sync> Shared<G> {
    /// A subject made by `make`. Of a handle to the process's one heap each made is the same.
    pub const fn new(make: fn(&mut Room) -> G) -> Self {
        Self { make }
    }
}

impl<G: GlobalAlloc + Sync> SharedSubject for Shared<G> {
    fn time(&self, room: &mut Room, plan: &Plan, limit: Duration) -> Played {
        play(&(self.make)(room), plan, limit)
    }

    fn verify(&self, room: &mut Room, plan: &Plan, limit: Duration) -> Result<Outcome, Violation> {
        verify(&(self.make)(room), plan, limit)
    }

    fn figure(&self, room: &mut Room, task: Task) -> f64 {
        task.run(&(self.make)(room))
    }
}

/// The stages and peers behind one lock, which is that of `mmap-backed`: waiting threads sleep.
type Behind<A> = Locked<A, FutexLock>;

/// The stage or peer called `name` behind a lock, or libc.
#[rustfmt::skip]
pub fn find(name: &str) -> Option<Box<dyn SharedSubject>> {
    Some(match name {
        "bump" => shared(|room| locked(Bump::new(fixed(room)))),
        "freelist" => shared(|room| locked(FreeList::new(fixed(room)))),
        "first-fit" => shared(|room| locked(fit_strategies::Heap::<FirstFit, _>::new(fixed(room)))),
        "next-fit" => shared(|room| locked(fit_strategies::Heap::<NextFit, _>::new(fixed(room)))),
        "best-fit" => shared(|room| locked(fit_strategies::Heap::<BestFit, _>::new(fixed(room)))),
        "worst-fit" => shared(|room| locked(fit_strategies::Heap::<WorstFit, _>::new(fixed(room)))),
        "coalescing" => shared(|room| locked(coalescing::Heap::<_, 8>::new(fixed(room)))),
        "coalescing-16" => shared(|room| locked(coalescing::Heap::<_, 16>::new(fixed(room)))),
        "coalescing-strict" => shared(|room| locked(coalescing::Heap::<_, 8, coalescing::Immediate>::new(fixed(room)))),
        EMPTY => shared(Nothing::new),
        "mmap-backed" => shared(|_| Global::new()),
        "libc" | "libc-again" => shared(|_| System),
        "talc" => shared(|room| locked(talc(room.region()))),
        "rlsf" => shared(|room| locked(rlsf(room.region()))),
        _ => return None,
    })
}

fn shared<G: GlobalAlloc + Sync + 'static>(make: fn(&mut Room) -> G) -> Box<dyn SharedSubject> {
    Box::new(Shared::new(make))
}

fn locked<A: Allocator>(allocator: A) -> Behind<A> {
    Locked::new(allocator)
}

fn fixed(room: &mut Room) -> Fixed {
    // SAFETY: the region is handed out for this heap alone.
    unsafe { Fixed::new(room.region()) }
}
