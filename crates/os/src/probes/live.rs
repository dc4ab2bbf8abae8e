//! The live blocks that were reported.

use core::sync::atomic::{AtomicUsize, Ordering};

/// An address can be in so many places, which are one cache line.
const WAYS: usize = 8;

/// A set of addresses in a table, for any thread and without a lock.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Live<const PLACES: usize>([AtomicUsize; PLACES]);

impl<const PLACES: usize> Live<PLACES> {
    /// Returns an empty set.
    pub(super) const fn new() -> Self {
        assert!(PLACES >= WAYS && PLACES.is_multiple_of(WAYS));
        Self([const { AtomicUsize::new(0) }; PLACES])
    }

    /// Adds an address. If its places are full, it takes the place of another one: that may be of a block that was freed
    /// while nobody listened.
    pub(super) fn insert(&self, address: usize) {
        let (ways, hash) = self.ways(address);
        let takes = |from: usize| {
            let (done, failed) = (Ordering::Relaxed, Ordering::Relaxed);
            let mut places = ways.iter();
            places.any(|place| place.compare_exchange(from, address, done, failed).is_ok())
        };
        if !takes(address) && !takes(0) {
            ways[hash % WAYS].store(address, Ordering::Relaxed);
        }
    }

    /// Removes an address; returns false if the set does not have it.
    pub(super) fn remove(&self, address: usize) -> bool {
        let (ways, _) = self.ways(address);
        let found = ways
            .iter()
            .find(|place| place.load(Ordering::Relaxed) == address);
        // Only the thread that frees the block removes its address, so it can be gone only if another one took its place.
        found.is_some_and(|place| {
            let (done, failed) = (Ordering::Relaxed, Ordering::Relaxed);
            place.compare_exchange(address, 0, done, failed).is_ok()
        })
    }

    /// Returns the places where an address can be, and what is left of its hash.
    fn ways(&self, address: usize) -> (&[AtomicUsize], usize) {
        const ODD: usize = 0x9e37_79b9_7f4a_7c15_u64 as usize;
        let hash = address.wrapping_mul(ODD).rotate_left(usize::BITS / 2);
        let n_sets = PLACES / WAYS;
        let first = hash % n_sets * WAYS;
        (&self.0[first..first + WAYS], hash / n_sets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_removed_once() {
        let live = Live::<64>::new();
        assert!(!live.remove(4096));
        live.insert(4096);
        live.insert(4096);
        assert!(live.remove(4096));
        assert!(!live.remove(4096));
    }

    #[test]
    fn a_new_address_has_a_place_even_in_a_full_table() {
        let live = Live::<8>::new();
        let addresses = (1..=20).map(|n| n * 16);
        addresses.clone().for_each(|address| live.insert(address));
        assert!(live.remove(320), "the last one");
        assert_eq!(addresses.filter(|&address| live.remove(address)).count(), 7);
    }
}
