//! The reader's own allocator as an entry of the table.

use core_api::{Allocator, Inspect};

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
}

impl<A: Allocator + 'static> Graded<A> {
    /// `make` gets all memory that the allocator may use.
    pub const fn new(make: fn(&mut Room) -> A) -> Self {
        Self { make }
    }
}

/// An allocator whose heap can be walked: failures are shown with its own map.
pub trait Walked {
    /// The entry of the table.
    fn entry(self) -> Entry;
}

impl<A: Allocator + Inspect + 'static> Walked for Graded<A> {
    fn entry(self) -> Entry {
        entry(Made::new(self.make).inspected())
    }
}

/// An allocator that shows nothing of its heap.
pub trait Plain {
    /// The entry of the table.
    fn entry(self) -> Entry;
}

impl<A: Allocator + 'static> Plain for &Graded<A> {
    fn entry(self) -> Entry {
        entry(Made::new(self.make))
    }
}

fn entry(subject: impl Subject + 'static) -> Entry {
    Entry {
        name: YOURS,
        package: YOURS,
        version: None,
        about: "the reader's own",
        role: Role::Stage,
        category: Category::Stage,
        memory: Memory::Fixed,
        subject: Box::new(subject),
        shared: None,
        preload: None,
    }
}
