//! Guarded blocks: one request in many gets a page of its own between pages that fault on access. The block ends where
//! its page ends. When it is freed, its own page faults, too.
//!
//! ```text
//!   ┌───────┬────────────┬───────┬────────────┬───────┬─
//!   │ guard │      block │ guard │      block │ guard │ …   64 slots
//!   └───────┴────────────┴───────┴────────────┴───────┴─
//! ```

use core::alloc::Layout;
use core::ptr::{NonNull, null_mut};

use core_api::align::{round_down, round_up};
use core_api::{Misuse, fatal};
use os::OnFault;

use super::random::Random;
use super::reserved::reserved;
use super::zero;
use crate::layout::units::PAGE;
use crate::mutex::Mutex;
use crate::primitive::{AtomicPtr, AtomicU32, Ordering, RawLock};

/// Slots of the pool, for live and freed blocks.
const N_SLOTS: usize = 64;

/// A page for the block, a page to guard it.
const SLOT: usize = 2 * PAGE;

/// Bytes of the whole pool, which begins with a guard.
const POOL: usize = PAGE + N_SLOTS * SLOT;

/// One request in this many is guarded at first, by default, …
const INTERVAL: u32 = 1024;

/// … and in the end one in so many times as many: a guarded block costs two system calls.
const MOST_INTERVALS: u32 = 8;

/// The interval grows by itself once in so many pauses of a heap.
const PAUSES_TO_GROW: u32 = 32;

/// The interval that was set, or this.
const BY_DEFAULT: u32 = u32::MAX;

static EVERY: AtomicU32 = AtomicU32::new(BY_DEFAULT);

/// The pool, null before the first guarded block.
static BASE: AtomicPtr<u8> = AtomicPtr::new(null_mut());

static SLOTS: Mutex<Slots> = Mutex::new(Slots {
    slots: [Slot {
        start: 0,
        state: State::Idle,
    }; N_SLOTS],
    next: 0,
});

/// A slot, by where in the pool its block starts.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// 0 before the first block.
    start: usize,
    state: State,
}

/// Whether a slot has a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No block, or one that was freed.
    Idle,
    /// A live block.
    Live,
    /// A block that was freed, but its page can still be touched.
    Leaving,
}

struct Slots {
    slots: [Slot; N_SLOTS],
    /// Where the search for a free one begins: those freed last come last.
    next: usize,
}

/// Guards one request in `every`, none if that is 0.
pub(crate) fn set_interval(every: u32) {
    EVERY.store(every.min(BY_DEFAULT - 1), Ordering::Relaxed);
}

/// Acquires the lock of the slots, for `fork`.
pub(crate) fn acquire_lock() {
    SLOTS.lock().acquire();
}

/// Releases the lock that [`acquire_lock`] acquired.
///
/// # Safety
///
/// The calling thread acquired it.
pub(crate) unsafe fn release_lock() {
    // SAFETY: the caller's promise is passed on.
    unsafe { SLOTS.lock().release() }
}

/// Draws the number of requests until the next one is guarded, after so many pauses of the heap.
pub(super) fn pause(random: &Random, n_pauses: u32) -> u32 {
    let every = match EVERY.load(Ordering::Relaxed) {
        0 => return u32::MAX,
        BY_DEFAULT => by_default(n_pauses),
        every => every,
    };
    1 + random.below(every.saturating_mul(2).saturating_sub(1))
}

/// The default interval: a program's first requests are guarded more often than those of one that runs long.
fn by_default(n_pauses: u32) -> u32 {
    INTERVAL * (1 + n_pauses / PAUSES_TO_GROW).min(MOST_INTERVALS)
}

/// Finds the guarded block at this address. The result's pointer has provenance over its bytes.
pub(crate) fn find(block: NonNull<u8>) -> Option<NonNull<[u8]>> {
    if zero::has(block.addr().get()) {
        return Some(NonNull::slice_from_raw_parts(block, 0));
    }
    let offset = offset_of(block.addr().get())?;
    let base = NonNull::new(BASE.load(Ordering::Acquire))?;
    // SAFETY: the offset is one of the pool's.
    let own = unsafe { base.add(offset) };
    let usable = end_of(slot_of(offset)).saturating_sub(offset);
    Some(NonNull::slice_from_raw_parts(own, usable))
}

/// Address and bytes of every live guarded block.
pub(crate) fn blocks() -> impl Iterator<Item = (usize, usize)> {
    let base = BASE.load(Ordering::Acquire).addr();
    let slots = SLOTS.with(|slots| slots.slots).into_iter().enumerate();
    let live = slots.filter(|(_, slot)| slot.state == State::Live);
    live.map(move |(index, Slot { start, .. })| (base + start, end_of(index) - start))
}

/// Whether the address is one of the pool's, or of those of blocks of size 0.
pub(crate) fn is_guarded(block: NonNull<u8>) -> bool {
    let address = block.addr().get();
    offset_of(address).is_some() || zero::has(address)
}

/// Where in the pool an address is.
fn offset_of(address: usize) -> Option<usize> {
    let base = BASE.load(Ordering::Acquire);
    let offset = address.wrapping_sub(base.addr());
    (!base.is_null() && offset < POOL).then_some(offset)
}

/// The slot that an offset is in; the first guard counts to the first slot.
fn slot_of(offset: usize) -> usize {
    offset.saturating_sub(PAGE) / SLOT
}

/// The offset at which the blocks of a slot end.
fn end_of(slot: usize) -> usize {
    PAGE + slot * SLOT + PAGE
}

/// Allocates a guarded block, if a slot is free.
pub(crate) fn allocate(layout: Layout) -> Option<NonNull<u8>> {
    if layout.size() > PAGE || layout.align() > PAGE {
        return None;
    }
    let base = pool()?;
    let size = round_up(layout.size().max(1), layout.align());
    let start = SLOTS.with(|slots| slots.take(size))?;
    // SAFETY: the slot is in the pool, and was free.
    unsafe {
        let block = base.add(start);
        let page = base.add(round_down(start, PAGE));
        if os::protect(page, PAGE, true) {
            return Some(block);
        }
    }
    SLOTS.with(|slots| slots.slots[slot_of(start)].state = State::Idle);
    None
}

/// Frees a guarded block.
pub(crate) fn free(block: NonNull<u8>) {
    if zero::has(block.addr().get()) {
        return zero::free(block.addr().get());
    }
    let base = NonNull::new(BASE.load(Ordering::Acquire));
    let (Some(base), Some(offset)) = (base, offset_of(block.addr().get())) else {
        fatal(Misuse::ForeignPointer)
    };
    if let Some(misuse) = SLOTS.with(|slots| slots.free(offset)) {
        fatal(misuse);
    }
    let page = round_down(offset, PAGE);
    // The page stays resident: a fault when it is used again would cost more than the system call that purges it.
    // SAFETY: the page is the block's alone, which is in the pool and was freed just now.
    unsafe {
        base.add(page).write_bytes(0, PAGE);
        os::protect(base.add(page), PAGE, false);
    }
    SLOTS.with(|slots| slots.slots[slot_of(offset)].state = State::Idle);
}

impl Slots {
    /// Where a block of `size` bytes starts in a free slot.
    fn take(&mut self, size: usize) -> Option<usize> {
        let order = (self.next..N_SLOTS).chain(0..self.next);
        let slot = order
            .into_iter()
            .find(|&slot| self.slots[slot].state == State::Idle)?;
        let start = end_of(slot) - size;
        self.slots[slot] = Slot {
            start,
            state: State::Live,
        };
        self.next = (slot + 1) % N_SLOTS;
        Some(start)
    }

    /// Frees the block at an offset, and keeps its slot closed for now; or returns the misuse.
    fn free(&mut self, offset: usize) -> Option<Misuse> {
        let slot = &mut self.slots[slot_of(offset)];
        if slot.start != offset {
            return Some(Misuse::InteriorPointer);
        }
        if slot.state != State::Live {
            return Some(Misuse::DoubleFree);
        }
        slot.state = State::Leaving;
        None
    }
}

/// Returns the pool; reserves it at the first call. There is none where the system's pages are larger than a heap's: its
/// guards would lie within a page.
fn pool() -> Option<NonNull<u8>> {
    if os::page_size() != PAGE {
        return None;
    }
    reserved(&BASE, POOL, explain_faults)
}

/// Explains faults in guarded pages from now on.
pub(super) fn explain_faults() {
    os::watch_faults::<Pool>();
}

/// Explains faults in the pool, and in the addresses of blocks of size 0.
struct Pool;

impl OnFault for Pool {
    fn look_at(address: usize) {
        if zero::has(address) {
            fatal(Misuse::Overrun);
        }
        let Some(offset) = offset_of(address) else {
            return;
        };
        let in_slot = offset.checked_sub(PAGE).map(|offset| offset % SLOT);
        fatal(match in_slot {
            Some(in_slot) if in_slot < PAGE => Misuse::UsedAfterFree,
            _ => Misuse::Overrun,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_interval_grows_up_to_a_limit() {
        assert_eq!([0, 31, 32, 223].map(by_default), [1024, 1024, 2048, 7168]);
        assert_eq!([224, u32::MAX].map(by_default), [8192, 8192]);
    }

    #[test]
    fn a_slot_holds_nothing_of_its_last_block() {
        if pool().is_none() {
            return;
        }
        let layout = Layout::new::<[u8; 256]>();
        for _ in 0..2 * N_SLOTS {
            let Some(block) = allocate(layout) else {
                continue;
            };
            // SAFETY: the block is new, and has these bytes, which the system had zeroed or this test wrote.
            unsafe {
                assert_eq!(block.cast::<[u8; 256]>().read(), [0; 256]);
                block.write_bytes(0xA5, layout.size());
            }
            free(block);
        }
    }
}
