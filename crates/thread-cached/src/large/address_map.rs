//! The address map: finds the heap or the direct mapping of any address.
//!
//! The map has one entry for each GiB of all addresses that user space can have. That is 1 or 2 MiB of static memory, but
//! a program touches only a page or two. Regions and direct mappings start at an entry's first address, so an entry
//! belongs to at most one of them.

use core::ptr::{NonNull, null_mut};

use core_api::align::round_down;

use crate::heap::HeapRef;
use crate::layout::units::{MAP_ENTRY, MAP_ENTRY_LOG2};
use crate::primitive::{AtomicPtr, Ordering};

/// User space has addresses below two to the power of this.
const ADDRESS_BITS: u32 = if cfg!(target_arch = "x86_64") { 47 } else { 48 };

const N_ENTRIES: usize = 1 << (ADDRESS_BITS - MAP_ENTRY_LOG2);

/// Null, a heap, or the length of a direct mapping plus one, which is odd. The latter is a pointer with the provenance of
/// the mapping and not its address.
static ENTRIES: [AtomicPtr<u8>; N_ENTRIES] = [const { AtomicPtr::new(null_mut()) }; N_ENTRIES];

/// What lies at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The region of this heap; past its end if it is shorter than an entry.
    Heap(HeapRef),
    /// A direct mapping, which starts where the entry does.
    Direct(NonNull<[u8]>),
}

/// Finds what lies at `address`; `None` if it is not this allocator's.
pub(crate) fn find(address: usize) -> Option<Place> {
    let entry = ENTRIES
        .get(address >> MAP_ENTRY_LOG2)?
        .load(Ordering::Acquire);
    let tag = entry.addr();
    if tag & 1 == 1 {
        let start = NonNull::new(entry.with_addr(round_down(address, MAP_ENTRY)))?;
        let mapping = NonNull::slice_from_raw_parts(start, tag - 1);
        return Some(Place::Direct(mapping));
    }
    // SAFETY: an entry that is neither null nor odd comes from `enter_heap`.
    NonNull::new(entry).map(|_| Place::Heap(unsafe { HeapRef::from_ptr(entry.cast()) }))
}

/// Start and length of every direct mapping, in address order. O(entries).
pub(crate) fn direct_mappings() -> impl Iterator<Item = (usize, usize)> {
    (0..N_ENTRIES).filter_map(|entry| {
        let start = entry << MAP_ENTRY_LOG2;
        match find(start) {
            Some(Place::Direct(mapping)) => Some((start, mapping.len())),
            _ => None,
        }
    })
}

/// Enters the region of `len` bytes at `base`. `false` if the map does not cover its addresses.
pub(crate) fn enter_heap(base: NonNull<u8>, len: usize) -> bool {
    enter(base.addr().get(), len, base.as_ptr())
}

/// Whether the map covers this address.
pub(crate) const fn covers(address: usize) -> bool {
    address >> MAP_ENTRY_LOG2 < N_ENTRIES
}

/// Enters a direct mapping of `len` bytes, an even number, at `start`, which the map covers.
pub(crate) fn enter_direct(start: NonNull<u8>, len: usize) {
    enter(start.addr().get(), 1, start.as_ptr().with_addr(len | 1));
}

/// Removes the region or direct mapping at these addresses.
pub(crate) fn remove(start: usize, len: usize) {
    enter(start, len, null_mut());
}

fn enter(start: usize, len: usize, entry: *mut u8) -> bool {
    let first = start >> MAP_ENTRY_LOG2;
    let end = first + len.div_ceil(MAP_ENTRY);
    let Some(entries) = ENTRIES.get(first..end) else {
        return false;
    };
    for slot in entries {
        slot.store(entry, Ordering::Release);
    }
    true
}
