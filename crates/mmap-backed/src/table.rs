//! The out-of-band table of direct mappings: a block's address in, its mapping out.
//!
//! Open addressing with linear probing, kept at most three quarters full, and deletion that moves
//! the entries behind the hole instead of leaving a mark (Knuth, *The Art of Computer Programming*
//! vol. 3, §6.4, Algorithms L and R). It lives in OS pages of its own.

use core::ptr::NonNull;

use crate::os::{self, Mapping};

/// A slot as it lies in memory; fresh pages are zero, so a fresh slot is empty.
#[derive(Clone, Copy)]
#[repr(C)]
struct Slot {
    /// Null in an empty slot.
    base: *mut u8,
    len: usize,
}

impl Slot {
    const EMPTY: Self = Self {
        base: core::ptr::null_mut(),
        len: 0,
    };

    fn full(mapping: Mapping) -> Self {
        Self {
            base: mapping.base().as_ptr(),
            len: mapping.len(),
        }
    }

    fn mapping(self) -> Option<Mapping> {
        NonNull::new(self.base).map(|base| Mapping::from_parts(base, self.len))
    }
}

/// Mappings by their start address. Every operation is O(1) expected, amortised over growth.
#[derive(Debug)]
pub(crate) struct Table {
    /// The slots: a power of two of them, or none before the first insertion.
    slots: Mapping,
    n_entries: usize,
}

impl Table {
    pub(crate) const fn new() -> Self {
        Self {
            slots: Mapping::NONE,
            n_entries: 0,
        }
    }

    /// Number of mappings in the table.
    pub(crate) const fn len(&self) -> usize {
        self.n_entries
    }

    /// The table's own pages.
    pub(crate) const fn slots(&self) -> Mapping {
        self.slots
    }

    const fn n_slots(&self) -> usize {
        self.slots.len() / size_of::<Slot>()
    }

    /// Makes sure that one more entry fits; `false` if the system has no pages for that.
    pub(crate) fn make_room(&mut self) -> bool {
        self.n_entries < self.n_slots() / 4 * 3 || self.grow_slow()
    }

    /// Adds a mapping that is not in the table; [`make_room`](Self::make_room) came before.
    pub(crate) fn insert(&mut self, mapping: Mapping) {
        debug_assert!(self.n_entries < self.n_slots());
        let mut index = self.home(mapping.start());
        while self.read(index).is_some() {
            index = self.after(index);
        }
        self.write(index, Slot::full(mapping));
        self.n_entries += 1;
    }

    /// The mapping that starts at `address`.
    pub(crate) fn get(&self, address: usize) -> Option<Mapping> {
        self.find(address).map(|(_, mapping)| mapping)
    }

    /// Takes the mapping that starts at `address` out of the table.
    pub(crate) fn remove(&mut self, address: usize) -> Option<Mapping> {
        let (index, mapping) = self.find(address)?;
        self.n_entries -= 1;
        self.close_hole(index);
        Some(mapping)
    }

    /// Every mapping once, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Mapping> + '_ {
        (0..self.n_slots()).filter_map(|index| self.read(index))
    }

    fn find(&self, address: usize) -> Option<(usize, Mapping)> {
        if self.n_entries == 0 {
            return None;
        }
        let mut index = self.home(address);
        loop {
            let mapping = self.read(index)?;
            if mapping.start() == address {
                return Some((index, mapping));
            }
            index = self.after(index);
        }
    }

    /// Empties slot `hole`, moving later entries down so that each stays reachable from its home.
    fn close_hole(&mut self, mut hole: usize) {
        let mut next = self.after(hole);
        while let Some(mapping) = self.read(next) {
            let from_home = self.distance(self.home(mapping.start()), next);
            if from_home >= self.distance(hole, next) {
                self.write(hole, Slot::full(mapping));
                hole = next;
            }
            next = self.after(next);
        }
        self.write(hole, Slot::EMPTY);
    }

    #[cold]
    fn grow_slow(&mut self) -> bool {
        let len = (self.slots.len() * 2).max(os::page_size());
        let Some(slots) = Mapping::committed(len) else {
            return false;
        };
        let mut grown = Self {
            slots,
            n_entries: 0,
        };
        for mapping in self.iter() {
            grown.insert(mapping);
        }
        // The old table is dropped, which unmaps its slots.
        *self = grown;
        true
    }

    /// Where the search for `address` begins: Fibonacci hashing (Knuth §6.4) of the page number.
    fn home(&self, address: usize) -> usize {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let page = (address / os::page_size()) as u64;
        let hash = page.wrapping_mul(GOLDEN) >> 32;
        hash as usize & (self.n_slots() - 1)
    }

    fn after(&self, index: usize) -> usize {
        (index + 1) & (self.n_slots() - 1)
    }

    /// Steps from slot `from` to slot `to`, around the end if need be.
    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.n_slots() - 1)
    }

    fn slot(&self, index: usize) -> *mut Slot {
        debug_assert!(index < self.n_slots());
        self.slots
            .base()
            .as_ptr()
            .cast::<Slot>()
            .wrapping_add(index)
    }

    fn read(&self, index: usize) -> Option<Mapping> {
        // SAFETY: by I5 the slots are committed pages of this table, and `index` is one of them;
        // any bytes there were written as a `Slot` or are zero, which is an empty one.
        unsafe { self.slot(index).read() }.mapping()
    }

    fn write(&mut self, index: usize, slot: Slot) {
        // SAFETY: as in `read`; `&mut self` is the only user.
        unsafe { self.slot(index).write(slot) }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // SAFETY: the table is gone, and nothing else knows its pages.
        unsafe { self.slots.unmap() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mapping that is never dereferenced: only its address counts here.
    fn at_page(number: usize) -> Mapping {
        let base = core::ptr::without_provenance_mut(number * os::page_size());
        Mapping::from_parts(NonNull::new(base).unwrap(), number)
    }

    fn table_of(pages: impl Iterator<Item = usize>) -> Table {
        let mut table = Table::new();
        for page in pages {
            assert!(table.make_room());
            table.insert(at_page(page));
        }
        table
    }

    #[test]
    fn an_empty_table_knows_nothing_and_owns_nothing() {
        let mut table = Table::new();
        assert_eq!(table.get(0), None);
        assert_eq!(table.remove(os::page_size()), None);
        assert_eq!(table.iter().count(), 0);
        assert_eq!(table.slots().len(), 0);
    }

    #[test]
    fn entries_survive_growth() {
        let table = table_of(1..=10_000);
        assert_eq!(table.len(), 10_000);
        assert!(table.len() <= table.n_slots() / 4 * 3);
        for page in 1..=10_000 {
            assert_eq!(table.get(page * os::page_size()), Some(at_page(page)));
        }
        assert_eq!(table.get(10_001 * os::page_size()), None);
    }

    #[test]
    fn removal_leaves_every_other_entry_reachable() {
        let mut table = table_of(1..=190);
        for gone in 1..=190 {
            assert!(table.remove(gone * os::page_size()).is_some());
            assert_eq!(table.get(gone * os::page_size()), None);
            for page in gone + 1..=190 {
                assert!(
                    table.get(page * os::page_size()).is_some(),
                    "{page} after {gone}"
                );
            }
        }
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn an_address_within_a_mapping_is_not_its_start() {
        let table = table_of(1..=1);
        assert_eq!(table.get(os::page_size() + 8), None);
    }
}
