//! The reader's own allocator as an entry of the table.

use core_api::{Allocator, Inspect, Region};

use crate::allocators::{Category, Entry, Memory, Role};
use crate::memory::Room;
use crate::subject::{Made, Subject};

/// What the reader's allocator is called in the table.
pub const YOURS: &str = "yours";

/// How the reader's allocator is made: the crate's function `graded`.
///
/// [`Walked::entry`] and [`Plain::entry`] are called in the same way. The compiler takes the first if the
/// allocator can be inspected, and the second if not, so that the reader need not say which.
#[derive(Debug)]
pub struct Graded<A> {
    make: fn(&mut Room) -> A,
    memory: Memory,
}

impl<A: Allocator + 'static> Graded<A> {
    /// `make` makes the allocator, whose memory is of that kind.
    pub const fn new(make: fn(&mut Room) -> A, memory: Memory) -> Self {
        Self { make, memory }
    }
}

/// A function `graded`: with the memory that the allocator may use, or without an argument, if the allocator brings
/// its own.
pub trait Convention<Args> {
    /// What it returns.
    type Made;

    /// Calls it.
    fn in_room(&self, room: &mut Room) -> Self::Made;

    /// Where the allocator gets its memory.
    fn memory(&self) -> Memory;
}

impl<A, F: Fn(Region) -> A> Convention<(Region,)> for F {
    type Made = A;

    fn in_room(&self, room: &mut Room) -> A {
        self(room.region())
    }

    fn memory(&self) -> Memory {
        Memory::Fixed
    }
}

impl<A, F: Fn() -> A> Convention<()> for F {
    type Made = A;

    fn in_room(&self, _: &mut Room) -> A {
        self()
    }

    fn memory(&self) -> Memory {
        Memory::System
    }
}

/// An allocator whose heap can be walked: failures are shown with its own map.
pub trait Walked {
    /// The entry of the table.
    fn entry(self) -> Entry;
}

impl<A: Allocator + Inspect + 'static> Walked for Graded<A> {
    fn entry(self) -> Entry {
        entry(Made::new(self.make).inspected(), self.memory)
    }
}

/// An allocator that shows nothing of its heap.
pub trait Plain {
    /// The entry of the table.
    fn entry(self) -> Entry;
}

impl<A: Allocator + 'static> Plain for &Graded<A> {
    fn entry(self) -> Entry {
        entry(Made::new(self.make), self.memory)
    }
}

fn entry(subject: impl Subject + 'static, memory: Memory) -> Entry {
    Entry {
        name: YOURS,
        package: YOURS,
        version: None,
        about: "the reader's own",
        role: Role::Stage,
        category: Category::Stage,
        memory,
        subject: Box::new(subject),
        shared: None,
        preload: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_memory(memory: Region) -> freelist::FreeList<core_api::Fixed> {
        // SAFETY: the harness gives each allocator a region of its own.
        freelist::FreeList::new(unsafe { core_api::Fixed::new(memory) })
    }

    fn of_the_system() -> mmap_backed::MmapHeap {
        mmap_backed::MmapHeap::new()
    }

    #[test]
    fn one_that_brings_its_own_memory_is_not_held_to_the_rooms() {
        let given = Graded::new(|room| in_memory.in_room(room), in_memory.memory()).entry();
        let own = Graded::new(|room| of_the_system.in_room(room), of_the_system.memory()).entry();
        assert_eq!((given.memory, own.memory), (Memory::Fixed, Memory::System));
        let is_bounded = |entry: &Entry| entry.subject.scenarios().contains(&"exhaustion");
        assert!(is_bounded(&given) && !is_bounded(&own));
    }
}
