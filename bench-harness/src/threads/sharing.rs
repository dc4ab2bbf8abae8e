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
use crate::peers::{buddy, bumpalo, dlmalloc, galloc, linked_list, rlsf, talc};
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
}

/// What can be asked of an allocator that a whole program can run on.
pub trait GlobalSubject: SharedSubject {
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
}

impl<G: GlobalAlloc + Sync> GlobalSubject for Shared<G> {
    fn figure(&self, room: &mut Room, task: Task) -> f64 {
        task.run(&(self.make)(room))
    }
}

/// A constructor of an allocator that threads share behind a lock. It works in memory that it is given,
/// so no program runs on it.
struct Behind<A> {
    make: fn(&mut Room) -> A,
}

impl<A: Allocator + Send> Behind<A> {
    /// The lock is that of `mmap-backed`: waiting threads sleep.
    fn lock(&self, room: &mut Room) -> Locked<A, FutexLock> {
        Locked::new((self.make)(room))
    }
}

impl<A: Allocator + Send> SharedSubject for Behind<A> {
    fn time(&self, room: &mut Room, plan: &Plan, limit: Duration) -> Played {
        play(&self.lock(room), plan, limit)
    }

    fn verify(&self, room: &mut Room, plan: &Plan, limit: Duration) -> Result<Outcome, Violation> {
        verify(&self.lock(room), plan, limit)
    }
}

/// The stage or peer called `name` behind a lock, or one that needs none.
#[rustfmt::skip]
pub fn find(name: &str) -> Option<Box<dyn SharedSubject>> {
    Some(match name {
        "bump" => behind(|room| Bump::new(fixed(room))),
        "freelist" => behind(|room| FreeList::new(fixed(room))),
        "first-fit" => behind(|room| fit_strategies::FitHeap::<_, FirstFit>::new(fixed(room))),
        "next-fit" => behind(|room| fit_strategies::FitHeap::<_, NextFit>::new(fixed(room))),
        "best-fit" => behind(|room| fit_strategies::FitHeap::<_, BestFit>::new(fixed(room))),
        "worst-fit" => behind(|room| fit_strategies::FitHeap::<_, WorstFit>::new(fixed(room))),
        "coalescing" => behind(|room| coalescing::CoalescingHeap::<_, 8>::new(fixed(room))),
        "coalescing-16" => behind(|room| coalescing::CoalescingHeap::<_, 16>::new(fixed(room))),
        "coalescing-strict" => behind(|room| coalescing::CoalescingHeap::<_, 8, coalescing::Immediate>::new(fixed(room))),
        "coalescing-checked" => behind(|room| core_api::Checked::<_>::new(coalescing::CoalescingHeap::<_, 8>::new(fixed(room)))),
        "headerless" => behind(|room| headerless::HeaderlessHeap::new(fixed(room))),
        "talc" => behind(|room| talc(room.region())),
        "rlsf" => behind(|room| rlsf(room.region())),
        "dlmalloc" => behind(|room| dlmalloc(room.region())),
        "buddy" => behind(|room| buddy(room.region())),
        "linked_list" => behind(|room| linked_list(room.region())),
        "galloc" => behind(|room| galloc(room.region())),
        "bumpalo" => behind(|room| bumpalo(room.len())),
        _ => global(name)?,
    })
}

/// The allocator called `name` that needs no entry of its own to be shared.
pub fn global(name: &str) -> Option<Box<dyn GlobalSubject>> {
    Some(match name {
        EMPTY => shared(Nothing::new),
        "mmap-backed" => shared(|_| Global::new()),
        "libc" | "libc-again" => shared(|_| System),
        _ => return None,
    })
}

fn shared<G: GlobalAlloc + Sync + 'static>(make: fn(&mut Room) -> G) -> Box<dyn GlobalSubject> {
    Box::new(Shared::new(make))
}

fn behind<A: Allocator + Send + 'static>(make: fn(&mut Room) -> A) -> Box<dyn SharedSubject> {
    Box::new(Behind { make })
}

fn fixed(room: &mut Room) -> Fixed {
    // SAFETY: the region is handed out for this heap alone.
    unsafe { Fixed::new(room.region()) }
}
