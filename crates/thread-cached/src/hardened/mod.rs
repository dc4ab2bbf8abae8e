//! The hardened mode: a program's misuse of a block ends it with a message.
//!
//! With the feature `hardened`, allocating and freeing come through here. Without it nothing calls
//! this module, and the compiler leaves it out.
//!
//! ```text
//!   allocate: one in many from the guarded pages ───────────────────────► block
//!             else pop; is the next link whole? the state: LIVE ────────► block
//!   free:     is the state LIVE, of exactly this address? the state: FREED, all bytes zero
//!                └─ ours: into the quarantine; whichever leaves it: still zero? push
//!                └─ of another heap: remote-free cache
//! ```
//!
//! With quick checks nothing is zeroed, and there is no quarantine.
//!
//! Below its paths, which may import `slow`, `lifecycle`, `large` and `heap`, lie parts that the folders below use as
//! well: guarded pages, the key of links, the states' size, and the quarantine's flush.

mod checks;
mod guard;
mod key;
mod quarantine;
mod random;
mod states;

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use core_api::{Misuse, fatal};

use crate::heap::HeapRef;
use crate::heap::classes;
use crate::heap::header::FREE_TAKES;
use crate::heap::link;
use crate::large::locate::{Located, locate};
use crate::lifecycle::current::current;
use crate::os;
use crate::pages::page_map::Kind;
use crate::primitive::Cell;
use crate::slow;

pub use checks::Checks;
pub(crate) use checks::set_checks;
pub(crate) use guard::{blocks as guarded_blocks, find, free as free_guarded, is_guarded, lock};
#[cfg(feature = "hardened")]
pub(crate) use key::mask;
pub(crate) use states::{STATES_OF_PAGE, State};

use quarantine::Quarantine;
use random::Random;

/// Number of [`Hardening`]s in a heap: one if it is hardened, else none.
pub(crate) const N: usize = cfg!(feature = "hardened") as usize;

/// At most this many blocks of a list are shuffled at once: a slab of the smallest class.
const SHUFFLED: usize = 256;

/// Larger blocks do not wait in the quarantine.
const QUARANTINED_MAX: usize = 4096;

/// The extra state of a hardened heap. Only the owner uses it.
#[derive(Debug)]
pub(crate) struct Hardening {
    random: Random,
    quarantine: Quarantine,
    /// Requests until one is guarded; 0 if that was not decided yet.
    until_guarded: Cell<u32>,
}

impl Hardening {
    pub(crate) const fn new() -> Self {
        Self {
            random: Random::new(),
            quarantine: Quarantine::new(),
            until_guarded: Cell::new(0),
        }
    }

    /// Whether the count is over. Writes nothing to a heap without memory, whose count always is.
    #[inline]
    fn is_count_over(&self) -> bool {
        let left = self.until_guarded.get();
        if left > 1 {
            self.until_guarded.set(left - 1);
        }
        left <= 1
    }

    /// Starts the count again, in a heap that has guarded blocks; whether this request is to be one, because
    /// a count is over and not the first to begin.
    fn begin_count(&self, heap: HeapRef) -> bool {
        if heap.is_empty() || heap.shared().is_private() {
            return false;
        }
        let next = guard::pause(&self.random);
        self.until_guarded.replace(next) == 1
    }
}

/// Guards one request in `every`, none if that is 0: from now on in this heap, which the
/// calling thread owns, and soon in others.
pub(crate) fn set_interval(heap: HeapRef, every: u32) {
    guard::set_interval(every);
    if let Some(hardening) = heap.hardening()
        && !heap.is_empty()
    {
        hardening.until_guarded.set(guard::pause(&hardening.random));
    }
}

/// Makes the process's secrets, before the first heap.
pub(crate) fn prepare() {
    key::make();
}

/// A block for `layout`, or null.
///
/// The calling thread owns the heap, or has none.
#[inline]
pub(crate) fn allocate(heap: HeapRef, layout: Layout) -> *mut u8 {
    match heap.hardening() {
        Some(hardening) if hardening.is_count_over() => allocate_guarded(heap, layout, hardening),
        _ => allocate_listed(heap, layout),
    }
}

#[cold]
#[inline(never)]
fn allocate_guarded(heap: HeapRef, layout: Layout, hardening: &Hardening) -> *mut u8 {
    if hardening.begin_count(heap)
        && let Some(block) = os::keeping_errno(|| guard::allocate(layout))
    {
        return block.as_ptr();
    }
    allocate_listed(heap, layout)
}

#[inline]
fn allocate_listed(heap: HeapRef, layout: Layout) -> *mut u8 {
    match classes::of_layout(layout) {
        Some(class) => allocate_of(heap, class),
        None => allocate_rare(heap, layout),
    }
}

/// Allocates a block with a large alignment, or without a class.
#[inline(never)]
fn allocate_rare(heap: HeapRef, layout: Layout) -> *mut u8 {
    match classes::of(layout.size(), layout.align()) {
        Some(class) => allocate_of(heap, class),
        None => slow::allocate(layout, heap),
    }
}

#[inline]
fn allocate_of(heap: HeapRef, class: usize) -> *mut u8 {
    match heap.pop(class) {
        Some(block) => hand_out(heap, class, block),
        None => refill(heap, class),
    }
}

/// Refills an empty list, shuffles it, and returns a block.
#[cold]
#[inline(never)]
fn refill(heap: HeapRef, class: usize) -> *mut u8 {
    let Some(block) = NonNull::new(slow::refill(class, heap)) else {
        return null_mut();
    };
    // A thread without a heap got one, or one whose heap was full got another.
    let Ok(Located::InSlab { heap: from, .. }) = locate(block) else {
        fatal(Misuse::CorruptHeader)
    };
    if heap.is_empty() && current().is_empty() {
        // It can have none: the lists are somebody else's by now.
        State::of(from, from.offset_of(block)).hand_out();
        return block.as_ptr();
    }
    if !checks::are_quick() {
        shuffle(from, class);
    }
    hand_out(from, class, block)
}

/// Checks and returns the block that was popped last.
#[inline]
fn hand_out(heap: HeapRef, class: usize, block: NonNull<u8>) -> *mut u8 {
    check_link(heap, heap.list(class).get());
    State::of(heap, heap.offset_of(block)).hand_out();
    block.as_ptr()
}

/// Checks that a link leads into the heap, or nowhere. An overwritten link leads anywhere, because the program does
/// not know the key that it is combined with.
#[inline]
fn check_link(heap: HeapRef, next: *mut u8) {
    if let Some(next) = NonNull::new(next)
        && !heap.has(next)
    {
        fatal(Misuse::WrittenWhileFree);
    }
}

/// Shuffles the first blocks of a list.
fn shuffle(heap: HeapRef, class: usize) {
    let mut blocks = [null_mut(); SHUFFLED];
    let mut rest = heap.list(class).get();
    let mut n = 0;
    while n < SHUFFLED
        && let Some(block) = NonNull::new(rest)
    {
        check_link(heap, rest);
        blocks[n] = rest;
        n += 1;
        // SAFETY: a listed block is free and linked (I3), which was checked.
        rest = unsafe { link::read(block) };
    }
    let Some(hardening) = heap.hardening() else {
        return;
    };
    for last in (1..n).rev() {
        blocks.swap(last, hardening.random.below(last as u32 + 1) as usize);
    }
    for block in blocks[..n].iter().rev() {
        if let Some(block) = NonNull::new(*block) {
            // SAFETY: listed, hence free and the owner's.
            unsafe { link::write(block, rest) };
            rest = block.as_ptr();
        }
    }
    heap.list(class).set(rest);
}

/// Frees a block of any heap.
///
/// # Safety
///
/// The calling thread owns the heap, or has none; the block, if it is one, is not used again.
pub(crate) unsafe fn free(heap: HeapRef, block: NonNull<u8>) {
    match heap.kind_of(block).and_then(Kind::class) {
        Some(class) => free_own(heap, heap.offset_of(block), class),
        None => free_other(heap, block),
    }
}

#[inline]
fn free_own(heap: HeapRef, offset: usize, class: usize) {
    State::of(heap, offset).take_back();
    let block = heap.at(offset);
    if !checks::are_quick() {
        return detain(heap, class, block);
    }
    put_back(heap, class, block);
}

/// Clears a freed block, and puts it into the quarantine if it is not too large.
#[inline(never)]
fn detain(heap: HeapRef, class: usize, block: NonNull<u8>) {
    clear(block, class);
    match heap.hardening() {
        Some(hardening) if classes::size_of(class) <= QUARANTINED_MAX => {
            if let Some(leaving) = hardening.quarantine.exchange(block, &hardening.random) {
                release(heap, leaving);
            }
        }
        _ => put_back(heap, class, block),
    }
}

/// Checks a block that leaves the quarantine, and makes it free.
fn release(heap: HeapRef, block: NonNull<u8>) {
    let class = heap.kind_of(block).and_then(Kind::class);
    let Some(class) = class else {
        fatal(Misuse::CorruptHeader)
    };
    if !quarantine::is_zero(block, classes::size_of(class)) {
        fatal(Misuse::WrittenWhileFree);
    }
    put_back(heap, class, block);
}

fn put_back(heap: HeapRef, class: usize, block: NonNull<u8>) {
    let (list, room) = (heap.list(class), heap.room(class));
    // SAFETY: the block is of a slab of this heap, and free.
    unsafe { link::write(block, list.get()) };
    list.set(block.as_ptr());
    room.set(room.get() - FREE_TAKES);
    if room.get() < 0 {
        slow::full(block, heap);
    }
}

fn clear(block: NonNull<u8>, class: usize) {
    // SAFETY: the block has that many bytes, and its user has given them up.
    unsafe { block.write_bytes(0, classes::size_of(class)) };
}

#[inline(never)]
fn free_other(heap: HeapRef, block: NonNull<u8>) {
    if let Ok(Located::InSlab { heap: owner, class }) = locate(block) {
        let offset = owner.offset_of(block);
        State::of(owner, offset).take_back_remote();
        if !checks::are_quick() {
            clear(owner.at(offset), class);
        }
    }
    slow::free(block, heap);
}

/// Empties the quarantine. The calling thread owns the heap.
pub(crate) fn flush(heap: HeapRef) {
    if let Some(hardening) = heap.hardening() {
        hardening.quarantine.flush(|block| release(heap, block));
    }
}

/// Ends the process if a block that was found in a slab is not live: for resizing, and for asking
/// its size.
pub(crate) fn check_live(block: NonNull<u8>, found: Located) {
    if let Located::InSlab { heap, .. } = found {
        State::of(heap, heap.offset_of(block)).check_live();
    }
}
