//! The table of allocators. Adding one is adding one line.

use bump::Bump;
use core_api::{Allocator, Fixed};
use fit_strategies::{BestFit, FirstFit, NextFit, WorstFit};
use freelist::FreeList;
use mmap_backed::MmapHeap;

use crate::faulty;
use crate::memory::Room;
use crate::null::NullSubject;
use crate::peers::{Buddy, Bumpalo, Dlmalloc, Libc, LinkedList, Rlsf, Talc};
use crate::script::Script;
use crate::subject::{Made, Subject};

/// Where an allocator gets its memory, and hence how its footprint is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// One heap that it is given; reuses what is freed.
    Fixed,
    /// One heap that it is given; reuses next to nothing, so it needs room for every request.
    Arena,
    /// The operating system.
    System,
}

/// What an allocator is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A stage of this workspace.
    Stage,
    /// An allocator by others.
    Peer,
    /// The same allocator again: how far apart two rows are that should be equal.
    Control,
    /// Shows what the harness itself costs, or how it takes a broken allocator. Not in the tables.
    Hidden,
}

/// One allocator of the table.
pub struct Entry {
    /// What it is called on the command line and in tables.
    pub name: &'static str,
    /// The package it comes from; its version is looked up in `Cargo.lock`.
    pub package: &'static str,
    /// How it works, in a few words.
    pub about: &'static str,
    /// What it is here for.
    pub role: Role,
    /// Where its memory comes from.
    pub memory: Memory,
    /// How it is made and what can be asked of it.
    pub subject: Box<dyn Subject>,
}

impl Entry {
    /// Bytes of room for timing and verifying: the same rule for all that reuse memory, and room
    /// for every request for those that do not.
    pub fn room_len(&self, script: &Script) -> usize {
        match self.memory {
            Memory::Arena => script.roomy_without_reuse(),
            Memory::Fixed | Memory::System => script.roomy(),
        }
    }
}

/// libc malloc: what every ratio is to.
pub const BASELINE: &str = "libc";

/// The baseline once more, as if it were another.
pub const CONTROL: &str = "libc-again";

/// The null allocator: what the harness costs.
pub const NULL: &str = "null";

/// The null allocator with a visit to where boundary tags would be.
pub const TAGS: &str = "null-tags";

/// All allocators, in the order of the tables.
#[rustfmt::skip]
pub fn all() -> Vec<Entry> {
    use Memory::{Arena, Fixed, System};
    use Role::{Control, Hidden, Peer, Stage};
    vec![
        entry("bump", "bump", "moves a pointer", Stage, Arena, made(|room| Bump::new(fixed(room))).inspected()),
        entry("freelist", "freelist", "LIFO list of whole blocks", Stage, Fixed, made(|room| FreeList::new(fixed(room))).inspected()),
        entry("first-fit", "fit-strategies", "LIFO list, first fit, splitting", Stage, Fixed, made(|room| fit_strategies::Heap::<FirstFit, _>::new(fixed(room))).inspected()),
        entry("next-fit", "fit-strategies", "LIFO list, next fit, splitting", Stage, Fixed, made(|room| fit_strategies::Heap::<NextFit, _>::new(fixed(room))).inspected()),
        entry("best-fit", "fit-strategies", "LIFO list, best fit, splitting", Stage, Fixed, made(|room| fit_strategies::Heap::<BestFit, _>::new(fixed(room))).inspected()),
        entry("worst-fit", "fit-strategies", "LIFO list, worst fit, splitting", Stage, Fixed, made(|room| fit_strategies::Heap::<WorstFit, _>::new(fixed(room))).inspected()),
        entry("coalescing", "coalescing", "boundary tags, two-level bins, 8-byte granules", Stage, Fixed, made(|room| coalescing::Heap::<_, 8>::new(fixed(room))).inspected()),
        entry("coalescing-16", "coalescing", "the same with 16-byte granules", Stage, Fixed, made(|room| coalescing::Heap::<_, 16>::new(fixed(room))).inspected()),
        entry("mmap-backed", "mmap-backed", "coalescing on memory from the OS", Stage, System, made(|_| <MmapHeap>::new()).inspected()),
        entry(BASELINE, "libc", "the system's malloc", Peer, System, made(|_| Libc)),
        entry(CONTROL, "libc", "the same once more: the noise", Control, System, made(|_| Libc)),
        entry("talc", "talc", "binned, boundary tags", Peer, Fixed, made(|room| Talc::new(room.region()))),
        entry("rlsf", "rlsf", "two-level segregated fit", Peer, Fixed, made(|room| Rlsf::new(room.region()))),
        entry("dlmalloc", "dlmalloc", "Doug Lea's malloc in Rust", Peer, Fixed, made(|room| Dlmalloc::new(room.region())).with_state(Dlmalloc::STATE_LEN)),
        entry("buddy", "buddy_system_allocator", "binary buddies", Peer, Fixed, made(|room| Buddy::new(room.region()))),
        entry("linked_list", "linked_list_allocator", "address-ordered list, first fit, no headers", Peer, Fixed, made(|room| LinkedList::new(room.region()))),
        entry("bumpalo", "bumpalo", "moves a pointer", Peer, Arena, made(|room| Bumpalo::with_budget(room.len()))),
        entry(NULL, "bench-harness", "addresses worked out beforehand: the harness's own cost", Hidden, Fixed, NullSubject::<false>),
        entry(TAGS, "bench-harness", "the same, and a visit to the block's boundary tags", Hidden, Fixed, NullSubject::<true>),
        entry("test-crash", "bench-harness", "crashes", Hidden, System, made(|_| faulty::Crashing)),
        entry("test-hang", "bench-harness", "never returns", Hidden, System, made(|_| faulty::Hanging)),
        entry("test-overlap", "bench-harness", "hands out the same block twice", Hidden, Fixed, made(|room| faulty::Overlapping::new(room.region()))),
    ]
}

/// The allocator called `name`, hidden ones included.
pub fn find(name: &str) -> Option<Entry> {
    all().into_iter().find(|entry| entry.name == name)
}

fn made<A: Allocator>(make: fn(&mut Room) -> A) -> Made<A> {
    Made::new(make)
}

fn fixed(room: &mut Room) -> Fixed {
    // SAFETY: the region is handed out for this heap alone.
    unsafe { Fixed::new(room.region()) }
}

fn entry(
    name: &'static str,
    package: &'static str,
    about: &'static str,
    role: Role,
    memory: Memory,
    subject: impl Subject + 'static,
) -> Entry {
    Entry {
        name,
        package,
        about,
        role,
        memory,
        subject: Box::new(subject),
    }
}
