//! The table of allocators. Adding one is adding one line.

use std::alloc::{self, GlobalAlloc};
use std::sync::OnceLock;

use bump::Bump;
use core_api::{Allocator, Fixed};
use fit_strategies::{BestFit, FirstFit, NextFit, WorstFit};
use freelist::FreeList;
use mmap_backed::MmapHeap;
use rlsf::GlobalTlsf;
use spinning_top::RawSpinlock;
use talc::TalcLock;
use talc::source::GlobalAllocSource;
use thread_cached::ThreadCached;

use crate::entry::entry;
pub use crate::entry::{Category, Entry, Memory, Need, Role};
use crate::faulty;
use crate::machine::version_of;
use crate::measure::probes;
use crate::memory::Room;
use crate::null::NullSubject;
use crate::peers::{Dlmalloc, Galloc, Global, LockedDlmalloc, Peer};
use crate::peers::{blink, buddy, bump_scope, bumpalo, dlmalloc, galloc};
use crate::peers::{global, libc, linked_list, rlsf, talc};
use crate::subject::Made;
use crate::threads::Shared;

/// libc malloc: what every ratio is to.
pub const BASELINE: &str = "libc";

/// The baseline once more, as if it were another.
pub const CONTROL: &str = "libc-again";

/// The empty allocator: what the harness's loop costs.
pub const EMPTY: &str = "empty";

/// The null allocator: what the loop and touching the blocks cost.
pub const NULL: &str = "null";

/// The null allocator with a visit to where boundary tags would be.
pub const TAGS: &str = "null-tags";

/// Allocators of a program that has more of them than this package.
static MORE: OnceLock<fn() -> Vec<Entry>> = OnceLock::new();

/// Adds allocators to the table of this process, behind its peers. A second call changes nothing.
pub fn register(more: fn() -> Vec<Entry>) {
    let _ = MORE.set(more);
}

/// All allocators, in the order of the tables.
pub fn all() -> Vec<Entry> {
    let mut all = stages();
    all.extend(peers());
    all.extend(MORE.get().into_iter().flat_map(|more| more()));
    all.extend(hidden());
    all
}

#[rustfmt::skip]
fn stages() -> Vec<Entry> {
    use Category::Stage as Kind;
    use Memory::{Arena, Fixed, System};
    use Role::Stage;
    vec![
        entry("bump", "malloc-ladder-bump", "moves a pointer", Stage, Kind, Arena, made(|room| Bump::new(fixed(room))).inspected()),
        entry("freelist", "malloc-ladder-freelist", "LIFO list of whole blocks", Stage, Kind, Fixed, made(|room| FreeList::new(fixed(room))).inspected()),
        entry("first-fit", "malloc-ladder-fit-strategies", "LIFO list, first fit, splitting", Stage, Kind, Fixed, made(|room| fit_strategies::FitHeap::<_, FirstFit>::new(fixed(room))).inspected().probed(probes::<FirstFit>)),
        entry("next-fit", "malloc-ladder-fit-strategies", "LIFO list, next fit, splitting", Stage, Kind, Fixed, made(|room| fit_strategies::FitHeap::<_, NextFit>::new(fixed(room))).inspected().probed(probes::<NextFit>)),
        entry("best-fit", "malloc-ladder-fit-strategies", "LIFO list, best fit, splitting", Stage, Kind, Fixed, made(|room| fit_strategies::FitHeap::<_, BestFit>::new(fixed(room))).inspected().probed(probes::<BestFit>)),
        entry("worst-fit", "malloc-ladder-fit-strategies", "LIFO list, worst fit, splitting", Stage, Kind, Fixed, made(|room| fit_strategies::FitHeap::<_, WorstFit>::new(fixed(room))).inspected().probed(probes::<WorstFit>)),
        entry("coalescing", "malloc-ladder-coalescing", "boundary tags, two-level bins, 8-byte granules", Stage, Kind, Fixed, made(|room| coalescing::CoalescingHeap::<_, 8>::new(fixed(room))).inspected()),
        entry("coalescing-16", "malloc-ladder-coalescing", "the same with 16-byte granules", Stage, Kind, Fixed, made(|room| coalescing::CoalescingHeap::<_, 16>::new(fixed(room))).inspected()),
        entry("coalescing-strict", "malloc-ladder-coalescing", "the same, merging at once", Stage, Kind, Fixed, made(|room| coalescing::CoalescingHeap::<_, 8, coalescing::Immediate>::new(fixed(room))).inspected()),
        entry("coalescing-checked", "malloc-ladder-coalescing", "the same, looking at the headers around each freed block", Stage, Kind, Fixed, made(|room| core_api::Checked::<_>::new(coalescing::CoalescingHeap::<_, 8>::new(fixed(room)))).inspected()),
        entry("headerless", "malloc-ladder-headerless", "the same without headers: one bit for 16 bytes", Stage, Kind, Fixed, made(|room| headerless::HeaderlessHeap::new(fixed(room))).inspected()),
        entry("mmap-backed", "malloc-ladder-mmap-backed", "coalescing on memory from the OS", Stage, Kind, System, made(|_| <MmapHeap>::new()).inspected()),
        Entry {
            shared: Some(Box::new(Shared::new(mmap_global))),
            ..entry("mmap-global", "malloc-ladder-mmap-backed", "the same as a program's one heap, behind a lock", Stage, Kind, System, made(mmap_global))
        },
        Entry {
            shared: Some(Box::new(Shared::new(thread_cached))),
            ..entry("thread-cached", "malloc-ladder-thread-cached", "a heap for each thread, remote frees in batches", Stage, Kind, System, made(thread_cached).inspected())
        },
    ]
}

#[rustfmt::skip]
fn peers() -> Vec<Entry> {
    use Category::{self as Kind, FixedHeap};
    use Memory::{Arena, Fixed, System};
    use Role::Control;
    let peer = Role::Peer;
    vec![
        entry(BASELINE, "libc", "the system's malloc", peer, Kind::Libc, System, made(|_| libc())),
        entry(CONTROL, "libc", "the same once more: the noise", Control, Kind::Libc, System, made(|_| libc())),
        entry("talc", "talc", "binned, boundary tags", peer, FixedHeap, Fixed, made(|room| talc(room.region()))),
        entry("rlsf", "rlsf", "two-level segregated fit", peer, FixedHeap, Fixed, made(|room| rlsf(room.region()))),
        entry("dlmalloc", "dlmalloc", "Doug Lea's malloc in Rust", peer, FixedHeap, Fixed, made(|room| dlmalloc(room.region())).with_state(Dlmalloc::STATE_LEN)),
        entry("buddy", "buddy_system_allocator", "binary buddies", peer, FixedHeap, Fixed, made(|room| buddy(room.region()))),
        entry("linked_list", "linked_list_allocator", "address-ordered list, first fit, no headers", peer, FixedHeap, Fixed, made(|room| linked_list(room.region()))),
        entry("galloc", "good_memory_allocator", "bins by size and alignment, boundary tags", peer, FixedHeap, Fixed, made(|room| galloc(room.region())).with_state(Galloc::STATE_LEN)),
        entry("bumpalo", "bumpalo", "moves a pointer down", peer, Kind::Arena, Arena, made(|room| bumpalo(room.len()))),
        entry("bump-scope", "bump-scope", "moves a pointer up, scopes and checkpoints", peer, Kind::Arena, Arena, made(|room| bump_scope(room.region()))),
        entry("blink", "blink-alloc", "moves a pointer up, frees all at once", peer, Kind::Arena, Arena, made(|room| blink(room.region()))),
        rust_global("talc-global", "talc", "talc on blocks of libc's malloc, one lock", |_| { static TALC: TalcGlobal = TalcGlobal::new(GlobalAllocSource::new(alloc::System)); global(&TALC) }),
        rust_global("rlsf-global", "rlsf", "rlsf on pages from the OS, one lock", |_| { static TLSF: GlobalTlsf = GlobalTlsf::new(); global(&TLSF) }),
        rust_global("dlmalloc-global", "dlmalloc", "dlmalloc on pages from the OS, one lock", |_| { static DLMALLOC: LockedDlmalloc = LockedDlmalloc::new(); global(&DLMALLOC) }),
        rust_global("rusty_alloc", "rusty_alloc-api", "mimalloc's design in Rust", |_| global(&rusty_alloc_api::RustyAlloc)),
        rust_global("stoolap", "stoolap-jemalloc", "jemalloc's design in Rust", |_| { static STOOLAP: stoolap_jemalloc::Jemalloc = stoolap_jemalloc::Jemalloc::new(); global(&STOOLAP) }),
        rust_global("smmalloc", "smmalloc", "one reservation of slabs, a free list each", |_| { static SMMALLOC: smmalloc::Smalloc = smmalloc::Smalloc::new(); global(&SMMALLOC) }),
        rust_global("sefer", "sefer-alloc", "segments, fast bins, remote frees by ring", |_| { static SEFER: sefer_alloc::SeferAlloc = sefer_alloc::SeferAlloc::new(); global(&SEFER) }),
    ]
}

#[rustfmt::skip]
fn hidden() -> Vec<Entry> {
    use Category::Harness;
    use Memory::{Fixed, System};
    use Role::Hidden;
    vec![
        entry(EMPTY, "bench-harness", "the same block for everybody: the loop alone", Hidden, Harness, Fixed, NullSubject::Empty),
        entry(NULL, "bench-harness", "addresses worked out beforehand: the loop and touching the blocks", Hidden, Harness, Fixed, NullSubject::Addresses),
        entry(TAGS, "bench-harness", "the same, and a visit to the block's boundary tags", Hidden, Harness, Fixed, NullSubject::Tags),
        entry("test-crash", "bench-harness", "crashes", Hidden, Harness, System, made(|_| faulty::Crashing)),
        entry("test-hang", "bench-harness", "never returns", Hidden, Harness, System, made(|_| faulty::Hanging)),
        entry("test-overlap", "bench-harness", "hands out the same block twice", Hidden, Harness, Fixed, made(|room| faulty::Overlapping::new(room.region()))),
        entry("test-leak", "bench-harness", "uses no byte twice and says that it does", Hidden, Harness, Fixed, made(|room| faulty::Careless::new(room.region(), faulty::Fault::Leaks))),
        entry("test-short", "bench-harness", "returns blocks of half the size", Hidden, Harness, Fixed, made(|room| faulty::Careless::new(room.region(), faulty::Fault::HalvesSizes))),
        entry("test-misaligned", "bench-harness", "ignores alignments", Hidden, Harness, Fixed, made(|room| faulty::Careless::new(room.region(), faulty::Fault::IgnoresAlignments))),
    ]
}

/// The allocator called `name`, hidden ones included.
pub fn find(name: &str) -> Option<Entry> {
    all().into_iter().find(|entry| entry.name == name)
}

fn rust_global<G: GlobalAlloc + Sync>(
    name: &'static str,
    package: &'static str,
    about: &'static str,
    make: fn(&mut Room) -> Peer<Global<G>>,
) -> Entry {
    let version = version_of(package);
    Entry::peer(name, package, version, Category::RustGlobal, about, make)
}

/// The one heap of the process.
fn mmap_global(_: &mut Room) -> Peer<Global<mmap_backed::Global>> {
    static HEAP: mmap_backed::Global = mmap_backed::Global::new();
    global(&HEAP)
}

/// talc as its documentation makes it a program's global allocator.
type TalcGlobal = TalcLock<RawSpinlock, GlobalAllocSource<alloc::System>>;

/// The one that a process runs on, as its global allocator.
fn thread_cached(_: &mut Room) -> Peer<Global<ThreadCached>> {
    static HEAPS: ThreadCached = ThreadCached::new();
    global(&HEAPS)
}

fn made<A: Allocator>(make: fn(&mut Room) -> A) -> Made<A> {
    Made::new(make)
}

fn fixed(room: &mut Room) -> Fixed {
    // SAFETY: the region is handed out for this heap alone.
    unsafe { Fixed::new(room.region()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_has_a_line_on_every_peer() {
        let chapter = include_str!("../../docs/src/peers.md");
        for entry in peers() {
            let is_peer = entry.role == Role::Peer && entry.name != BASELINE;
            let named = chapter.lines().any(|line| {
                line.contains(&format!("`{}`", entry.name)) && line.contains(entry.package)
            });
            assert!(!is_peer || named, "{}", entry.name);
        }
    }

    #[test]
    fn no_two_allocators_have_the_same_name() {
        let all = all();
        for (index, entry) in all.iter().enumerate() {
            assert!(
                all[..index].iter().all(|other| other.name != entry.name),
                "{}",
                entry.name
            );
        }
    }
}
