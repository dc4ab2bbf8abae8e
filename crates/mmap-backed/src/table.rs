//! The out-of-band table of direct mappings: finds a mapping by its block's address.
//!
//! The table uses open addressing with linear probing, and is at most three quarters full. Deletion moves
//! the entries behind the hole instead of leaving a mark (Knuth, *The Art of Computer Programming*
//! vol. 3, §6.4, Algorithms L and R). The table lies in OS pages of its own.

use core::ptr::NonNull;

use crate::mapping::Mapping;

/// A slot's representation in memory; fresh pages are zero, so a fresh slot is empty.
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

/// A hash table from start addresses to mappings. Every operation is O(1) expected, amortised over growth.
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

    /// Returns the number of mappings in the table.
    pub(crate) const fn len(&self) -> usize {
        self.n_entries
    }

    /// Returns the table's own pages.
    pub(crate) const fn slots(&self) -> Mapping {
        self.slots
    }

    const fn n_slots(&self) -> usize {
        self.slots.len() / size_of::<Slot>()
    }

    /// Makes sure that one more entry fits; returns false if the system has no pages for it.
    pub(crate) fn make_room(&mut self) -> bool {
        self.n_entries < self.n_slots() / 4 * 3 || self.grow_slow()
    }

    /// Adds a mapping that is not in the table; the caller has called [`make_room`](Self::make_room).
    pub(crate) fn insert(&mut self, mapping: Mapping) {
        debug_assert!(self.n_entries < self.n_slots());
        let mut index = self.home(mapping.start());
        while self.read(index).is_some() {
            index = self.after(index);
        }
        self.write(index, Slot::full(mapping));
        self.n_entries += 1;
    }

    /// Returns the mapping that starts at `address`.
    pub(crate) fn get(&self, address: usize) -> Option<Mapping> {
        self.find(address).map(|(_, mapping)| mapping)
    }

    /// Removes the mapping that starts at `address` from the table, and returns it.
    pub(crate) fn remove(&mut self, address: usize) -> Option<Mapping> {
        let (index, mapping) = self.find(address)?;
        self.n_entries -= 1;
        self.close_hole(index);
        Some(mapping)
    }

    /// Iterates over the mappings, in no particular order.
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

    /// Empties slot `hole`, and moves later entries so that each stays reachable from its home.
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
        // The assignment drops the old table, which unmaps its slots.
        *self = grown;
        true
    }

    /// Returns the slot where the search for `address` begins: Fibonacci hashing (Knuth §6.4) of the page
    /// number.
    fn home(&self, address: usize) -> usize {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        let page = (address / os::page_size()) as u64;
        let hash = page.wrapping_mul(GOLDEN) >> 32;
        hash as usize & (self.n_slots() - 1)
    }

    fn after(&self, index: usize) -> usize {
        (index + 1) & (self.n_slots() - 1)
    }

    /// Returns the steps from slot `from` to slot `to`, around the end if need be.
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
        // SAFETY: by I5 the slots are committed pages of this table, and `index` is below their number. The
        // bytes there were written as a `Slot`, or are zero, which is an empty slot.
        unsafe { self.slot(index).read() }.mapping()
    }

    fn write(&mut self, index: usize, slot: Slot) {
        // SAFETY: as in `read`; `&mut self` excludes other users.
        unsafe { self.slot(index).write(slot) }
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        // SAFETY: the table is dropped, and nothing else uses its pages.
        unsafe { self.slots.unmap() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a mapping that is never dereferenced: only its address counts here.
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
