//! The samples: live blocks by address, and the stacks of callers that requested them.
//!
//! Both are hash tables with linear probing, each in its own mapping. A sample for which a table has no room
//! is lost and counted.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU16, Ordering};

use core_api::RawLock;
use mmap_backed::FutexLock;

use super::callers::Callers;

/// Places for live samples. Half of them are used: at the default average, enough for 16 GiB live.
const N_SAMPLES: usize = 1 << 16;

/// Places for stacks. Half of them are used.
const N_STACKS: usize = 1 << 14;

/// A live block that was sampled.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Sample {
    /// The block's address; 0 in an empty place.
    address: usize,
    /// Bytes requested.
    size: usize,
    /// Index of its callers' stack.
    stack: usize,
}

/// A stack of callers, and the sums of their sampled requests.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Stack {
    /// Return addresses, up to the first 0.
    pub(super) callers: Callers,
    pub(super) live: Sum,
    pub(super) total: Sum,
}

/// A number of blocks, and the bytes requested for them.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Sum {
    pub(super) n: usize,
    pub(super) bytes: usize,
}

impl Sum {
    pub(super) fn add(&mut self, n: usize, bytes: usize) {
        self.n += n;
        self.bytes += bytes;
    }
}

/// The two hash tables.
pub(super) struct Table {
    samples: &'static mut [Sample],
    stacks: &'static mut [Stack],
    n_samples: usize,
    n_stacks: usize,
    /// Samples for which there was no room.
    pub(super) n_lost: usize,
}

/// The table, once it is prepared. Only threads that hold [`LOCK`] access it.
struct Shared(UnsafeCell<Option<Table>>);

// SAFETY: `locked` and `prepare` are the only users, and both hold `LOCK` meanwhile.
unsafe impl Sync for Shared {}

static TABLE: Shared = Shared(UnsafeCell::new(None));

pub(super) static LOCK: FutexLock = FutexLock::UNLOCKED;

/// The number of samples with each hash, so that most frees need no lock.
static N_WITH_HASH: [AtomicU16; 1 << 14] = [const { AtomicU16::new(0) }; 1 << 14];

/// Calls `body` with the table, if there is one, while it holds the lock. `body` must not allocate.
pub(super) fn locked<T: Default>(body: impl FnOnce(&mut Table) -> T) -> T {
    LOCK.acquire();
    // SAFETY: this thread holds the lock, and every access to the table does, so the reference is the only one.
    let table = unsafe { &mut *TABLE.0.get() };
    let result = table.as_mut().map(body).unwrap_or_default();
    // SAFETY: this thread acquired the lock above.
    unsafe { LOCK.release() };
    result
}

/// Creates the table if there is none; returns false if there is no memory for it.
pub(super) fn prepare() -> bool {
    LOCK.acquire();
    // SAFETY: as in `locked`.
    let table = unsafe { &mut *TABLE.0.get() };
    if table.is_none() {
        *table = Table::new();
    }
    let is_there = table.is_some();
    // SAFETY: this thread acquired the lock above.
    unsafe { LOCK.release() };
    is_there
}

/// Returns true if the block at an address may be one of the samples.
pub(super) fn may_have(address: usize) -> bool {
    counter(address).load(Ordering::Relaxed) != 0
}

fn counter(address: usize) -> &'static AtomicU16 {
    &N_WITH_HASH[hash(address) % N_WITH_HASH.len()]
}

fn hash(number: usize) -> usize {
    (number.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64 as usize)) >> 20
}

impl Table {
    fn new() -> Option<Self> {
        Some(Self {
            samples: zeroes(N_SAMPLES)?,
            stacks: zeroes(N_STACKS)?,
            n_samples: 0,
            n_stacks: 0,
            n_lost: 0,
        })
    }

    /// Iterates over the stacks with samples.
    pub(super) fn stacks(&self) -> impl Iterator<Item = &Stack> {
        self.stacks.iter().filter(|stack| stack.total.n > 0)
    }

    /// Adds the sample of a block that these callers requested.
    pub(super) fn add(&mut self, address: usize, size: usize, callers: &Callers) {
        let Some(stack) = self.stack(callers) else {
            self.n_lost += 1;
            return;
        };
        self.stacks[stack].total.add(1, size);
        self.put_back(Sample {
            address,
            size,
            stack,
        });
    }

    /// Adds a sample to the live ones. Half of the places stay empty, so that searches are short.
    pub(super) fn put_back(&mut self, sample: Sample) {
        if self.n_samples >= N_SAMPLES / 2 {
            self.n_lost += 1;
            return;
        }
        let place = self.find(sample.address);
        self.samples[place] = sample;
        self.n_samples += 1;
        self.stacks[sample.stack].live.add(1, sample.size);
        counter(sample.address).fetch_add(1, Ordering::Relaxed);
    }

    /// Removes and returns the live sample at an address.
    pub(super) fn remove(&mut self, address: usize) -> Option<Sample> {
        let place = self.find(address);
        let sample = self.samples[place];
        if sample.address != address {
            return None;
        }
        self.close(place);
        self.n_samples -= 1;
        let live = &mut self.stacks[sample.stack].live;
        live.n -= 1;
        live.bytes -= sample.size;
        counter(address).fetch_sub(1, Ordering::Relaxed);
        Some(sample)
    }

    /// Empties a place, and moves up the samples behind it that a search would not find otherwise.
    fn close(&mut self, mut hole: usize) {
        self.samples[hole].address = 0;
        let mut place = hole;
        loop {
            place = (place + 1) % N_SAMPLES;
            let sample = self.samples[place];
            if sample.address == 0 {
                return;
            }
            let home = hash(sample.address) % N_SAMPLES;
            let from_home = |to: usize| to.wrapping_sub(home) % N_SAMPLES;
            if from_home(hole) < from_home(place) {
                self.samples[hole] = sample;
                self.samples[place].address = 0;
                hole = place;
            }
        }
    }

    /// Returns the place of the sample at an address, or the empty place where it would go.
    fn find(&self, address: usize) -> usize {
        let home = hash(address) % N_SAMPLES;
        let mut places = (home..N_SAMPLES).chain(0..home);
        let is_it = |&place: &usize| matches!(self.samples[place].address, found if found == address || found == 0);
        places.find(is_it).unwrap_or(home)
    }

    /// Returns the index of these callers' stack; adds the stack if there is room.
    fn stack(&mut self, callers: &Callers) -> Option<usize> {
        let mixed = callers.iter().fold(0, |mixed: usize, &caller| {
            hash(mixed.rotate_left(5) ^ caller)
        });
        let home = mixed % N_STACKS;
        let mut places = (home..N_STACKS).chain(0..home);
        let index = places.find(|&index| {
            self.stacks[index].total.n == 0 || self.stacks[index].callers == *callers
        })?;
        if self.stacks[index].total.n == 0 {
            if self.n_stacks >= N_STACKS / 2 {
                return None;
            }
            self.n_stacks += 1;
            self.stacks[index].callers = *callers;
        }
        Some(index)
    }
}

/// Types for which zero bytes are a valid value.
trait Plain {}
// Both have only `usize` fields, and arrays and structures of them.
impl Plain for Sample {}
impl Plain for Stack {}

/// Returns `n` values whose bytes are zero, in a new mapping.
fn zeroes<T: Plain>(n: usize) -> Option<&'static mut [T]> {
    let page = os::page_size();
    let base = os::map_uncharged((n * size_of::<T>()).next_multiple_of(page))?;
    // SAFETY: the mapping is new, so nothing else refers to it; it is never unmapped, aligned to a page, and
    // zero, which is a valid `T` because `T` is `Plain`.
    Some(unsafe { core::slice::from_raw_parts_mut(base.cast().as_ptr(), n) })
}
